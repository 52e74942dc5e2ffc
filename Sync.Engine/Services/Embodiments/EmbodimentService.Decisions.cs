using System.Globalization;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Embodiments;

/// <summary>What the commands of embodiments decide, in the order of the room.</summary>
public sealed partial class EmbodimentService
{
    /// <summary>Whether an agent that is joined as asked has the only role a session has left itself, which a new one that asks for none gets.</summary>
    internal static bool KeepsRole(RoomState state, ref JoinRequest join, string only)
    {
        var old = state.Agents.GetValueOrDefault(join.Id);
        join = old is null && join.Role is null ? join with { Role = only } : join;
        return (join.Role ?? old?.Role) == only && (old is null || old.Role == only);
    }

    internal static SyncError OtherRole(string room, string role) =>
        new SyncError(ErrorCode.ScopeDenied, $"This session has restricted itself to the role '{role}' in the room '{room}'.")
        {
            Hint = $"Embody with {{\"role\":\"{role}\"}}; a new session starts with the token's access.",
        }.With("room", room).With("role", role);

    /// <summary>Decides an embodiment. It may have stood in line: policy, role and token are those of now.</summary>
    internal Decision Decide(EmbodyCommand command, Moment moment, RoomReplica room)
    {
        if (!_access.CallerOf(command.Caller).Try(out var caller, out var error) || !_admission.CheckEntry(caller, room.Record.Id).Try(out var admission, out error))
        {
            return Decision.Refuse(error);
        }

        var authorized = admission.Caller(caller);
        var (state, user, join) = (moment.State, authorized.User, command.Request);
        var session = SessionOf(command.Caller);
        if (command.FillsRole)
        {
            // A role that is asked for has been read.
            join = join with { Id = FindForRole(moment, authorized, session, join.Role!, command.TakesOver) ?? _ids.NewId(state, join.Id, user?.Id) };
        }
        else if (!command.IsNamed && !(state.Agents.TryGetValue(join.Id, out var known) && authorized.Holds(known) && (command.TakesOver || !IsHeld(authorized.Record.Id, join.Id, session.Id))))
        {
            // The id was only a proposal: where it is somebody else's, or another session's, the agent gets another.
            join = join with { Id = OwnNumbered(authorized, state, join.Id, session) ?? _ids.NewId(state, join.Id, user?.Id) };
        }

        var old = state.Agents.GetValueOrDefault(join.Id);
        if (session.SessionRoom.Role is { } only && !KeepsRole(state, ref join, only))
        {
            return Decision.Refuse(OtherRole(authorized.Record.Id, only));
        }

        // Whose it is comes first: of somebody else's agent it is not told whether it is embodied.
        if (command is { IsNamed: true, TakesOver: false } && old is not null && (authorized.Holds(old) || Joining.MayRejoin(old, admission.Held, user?.Id)) && IsHeld(authorized.Record.Id, old.Id, session.Id))
        {
            return Decision.Refuse(Held(caller, session.Id, authorized.Record.Id, old.Id));
        }

        var changes = join is { Name: not null } && join.Name != old?.Name || (join.Role is not null && join.Role != old?.Role) || !join.State.IsEmpty;
        if (old is not null && !changes && authorized.Holds(old) && (join.Role is null || Roles.IsSettled(moment, join.Role, old.Id)))
        {
            // Nothing to record: an agent that is embodied again is the same agent. In a room that is paused it may look on as itself; one that is paused itself may not go on in another session.
            return moment.State.Pauses.Find(Pause.OfAgent + old.Id) is { } pause ? Decision.Refuse(Pausing.Refusal(pause))
                : Pausing.CheckStandIn(moment.State, old.Id, user?.Id) is { } stopped ? Decision.Refuse(stopped)
                : Decision.Reply(JsonText.Null) with { Agent = old.Binding };
        }

        return Joining.Decide(
            new JoinInput { Moment = moment, Request = join, Access = admission.Held, User = user, Ids = _ids, Limits = room.Limits, IsEmbodiment = true });
    }

    /// <summary>Decides when its turn comes: somebody may have embodied the agent again by then.</summary>
    internal Decision Decide(ReleaseAgentCommand command, Moment moment, RoomReplica room)
    {
        if (IsHeld(room.Record.Id, command.Agent.Agent, apartFrom: null))
        {
            return Decision.Reply(JsonText.Null);
        }

        var removal = AgentRemoval.DecideUnused(moment, command.Agent, room.Limits);
        return removal.Writes ? removal : Roles.DecideRelease(moment, command.Agent, room.Limits);
    }

    // The session's own one first, then the user's others. Where the role is filled it is the agent that fills it, or none.
    private string? FindForRole(Moment moment, RoomCaller authorized, SentSession session, string role, bool takesOver)
    {
        var room = authorized.Record.Id;
        var filledBy = Roles.Declared(moment).Contains(role) ? Roles.HolderOf(moment, role) : null;
        var free = moment.State.Agents.Values
            .Where(agent => SessionNote.IsOwn(authorized, agent) && (filledBy is null ? agent.Role == role : agent.Id == filledBy))
            .Where(agent => session.SessionRoom.Agent == agent.Id || (IsIdle(moment, agent.Id) && !IsHeld(room, agent.Id, session.Id)) || (takesOver && filledBy is not null))
            .OrderBy(agent => session.SessionRoom.Agent == agent.Id ? 0 : 1)
            .ThenBy(agent => agent.JoinedAt);
        return free.FirstOrDefault()?.Id;
    }

    private static bool IsIdle(Moment moment, string agent) => AgentPresence.StatusOf(moment.Presence.Of(agent), moment.Now) == AgentStatus.Idle;

    // One of the caller's own that got its number because the plain id was somebody else's, or embodied by another session.
    private string? OwnNumbered(RoomCaller authorized, RoomState state, string wanted, SentSession session)
    {
        for (var number = 2; state.Agents.TryGetValue(string.Create(CultureInfo.InvariantCulture, $"{wanted}-{number}"), out var agent); number++)
        {
            if (SessionNote.IsOwn(authorized, agent) && authorized.User is not null && !IsHeld(authorized.Record.Id, agent.Id, session.Id))
            {
                return agent.Id;
            }
        }

        return null;
    }
}
