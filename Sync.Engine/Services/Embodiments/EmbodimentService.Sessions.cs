using Sync.Engine.Commands;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Embodiments;

/// <summary>Which session acts as which agent, and who is told when that ends.</summary>
public sealed partial class EmbodimentService
{
    // The agent that the session was before is not its own any more.
    private string? RestBefore(RoomReplica loaded, string? before, string agent)
    {
        if (before is null || before == agent)
        {
            return null;
        }

        Rest(loaded, loaded.Record.Id, before);
        return before;
    }

    // The agent of the same user that the session would have been, where another one is that: told, with how to have it all the same.
    private string? HeldInstead(RoomReplica loaded, ClientSession session, AgentRecord agent, string wanted) =>
        agent.Id != wanted && IsHeld(loaded.Record.Id, wanted, session.Id) && loaded.Published.Agents.TryGetValue(wanted, out var other) && other.User == agent.User ? wanted : null;

    // The session may have ended while its agent was decided.
    private void TouchOrLetGo(RoomReplica replica, ClientSession session, string room, string agent)
    {
        if (session.HasEnded)
        {
            LetGo(session, room);
        }
        else
        {
            replica.Touch(agent);
        }
    }

    /// <summary>
    /// Removes the agents of a room that embodiments made, that never acted and that no session embodies: a server that stopped has let them go. Of the room as it was read, before
    /// anybody sees it.
    /// </summary>
    internal async Task RemoveUnusedAsync(RoomReplica room)
    {
        foreach (var id in room.Published.Fresh)
        {
            if (room.Published.Agents.TryGetValue(id, out var agent) && !IsHeld(room.Record.Id, id, apartFrom: null))
            {
                await room.Writer.ExecuteAsync(new ReleaseAgentCommand { Agent = agent.Binding }, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Completes when what sessions that ended have left is gone.</summary>
    internal Task SettledAsync() => _removing.SettledAsync();

    /// <summary>A session as it was when it asked for something, with no more than it has left itself since, where it is still open.</summary>
    internal SentSession Narrowed(SentSession sent, string room)
    {
        if (_open.Keys.FirstOrDefault(session => session.Id == sent.Id)?.SessionIn(room) is not { } now)
        {
            return sent;
        }

        return sent with { SessionRoom = sent.SessionRoom with { Max = now.Max < sent.SessionRoom.Max ? now.Max : sent.SessionRoom.Max, Role = now.Role ?? sent.SessionRoom.Role } };
    }

    private bool IsHeld(string room, string agent, string? apartFrom) =>
        _open.Keys.Any(session => session.Id != apartFrom && session.AgentIn(room) == agent);

    // One session at a time acts as an agent. False when another one has it and it is not to be taken over; who loses it hears of it with its next call.
    private bool TryAssign(ClientSession session, string room, string agent, bool takeOver, out string? before)
    {
        lock (_lock)
        {
            before = session.AgentIn(room);
            foreach (var other in _open.Keys.Where(other => other.Id != session.Id && other.AgentIn(room) == agent))
            {
                if (!takeOver)
                {
                    return false;
                }

                other.Change(room, static sessionRoom => sessionRoom with { Agent = null, Lost = sessionRoom.Agent });
            }

            session.Change(room, sessionRoom => sessionRoom with { Agent = agent, Lost = null });
        }

        if (_directory.TryFind(room, out var record))
        {
            session.Access?.Enter(record.Row);
        }

        return true;
    }

    /// <summary>Lets go of an agent that was removed, in every session.</summary>
    internal void Forget(string room, AgentBinding agent)
    {
        foreach (var session in _open.Keys)
        {
            lock (_lock)
            {
                if (session.AgentIn(room) == agent.Agent && !(Loaded(room)?.Published.Agents.TryGetValue(agent.Agent, out var known) == true && known.Since != agent.Since))
                {
                    session.Change(room, static sessionRoom => sessionRoom with { Agent = null });
                }
            }
        }
    }

    private RoomReplica? Loaded(string room) => _directory.TryFind(room, out var record) ? _directory.Loaded(record.Row) : null;

    private string? LetGo(ClientSession session, string room)
    {
        string? agent;
        lock (_lock)
        {
            agent = session.AgentIn(room);
            if (agent is null)
            {
                return null;
            }

            session.Change(room, static sessionRoom => sessionRoom with { Agent = null });
        }

        if (Loaded(room) is { } loaded)
        {
            Rest(loaded, room, agent);
        }

        return agent;
    }

    // An agent that another session of its user embodies too goes on. One that an embodiment made and that never acted goes with it, and the roles of the others are vacant again.
    private void Rest(RoomReplica loaded, string room, string agent)
    {
        if (IsHeld(room, agent, apartFrom: null) || !loaded.Published.Agents.TryGetValue(agent, out var known))
        {
            return;
        }

        if (loaded.Published.Fresh.Contains(agent) || Roles.HasAny(loaded.Now, agent))
        {
            _removing.Add(loaded.Writer.ExecuteAsync(new ReleaseAgentCommand { Agent = known.Binding }, CancellationToken.None));
        }

        if (loaded.Presence.Update(agent, 0, static (presence, _) => presence with { SetStatus = AgentStatus.Idle }, loaded.Clock))
        {
            loaded.Notify(new StateKey(ReservedScopes.Agents, agent));
        }
    }

    // One session, of one token: its own end, or that of its choices in the rooms that the change is about.
    private void Review(ClientSession session, AccessChange change)
    {
        if (_access.Current(session.Caller) is null)
        {
            Close(session);
            return;
        }

        foreach (var (room, sessionRoom) in session.SessionRooms)
        {
            if (sessionRoom.Agent is null)
            {
                continue;
            }

            var known = _directory.TryFind(room, out var record);
            if (known && change.Room != 0 && record!.Row != change.Room)
            {
                continue;
            }

            if (!known || _access.Of(session.Caller.In(session), record!).Level < AccessLevel.Write)
            {
                LetGo(session, room);
            }
        }
    }
}
