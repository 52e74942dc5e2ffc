using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Embodiments;

/// <summary>
/// Client sessions and whom they embody. A session observes until it embodies an agent; it embodies one per room, and lets it go when it ends, when it embodies another, or
/// when its token may not act there any more. An agent let go is idle, and nothing else happens to it: whoever may act as it embodies it again.
/// </summary>
public sealed class EmbodimentService : IAsyncDisposable
{
    private const int Attempts = 8;

    private readonly RoomAuthorizer _authorizer;
    private readonly RoomDirectory _directory;
    private readonly IdentityCache _access;
    private readonly AgentIds _ids;
    private readonly ConcurrentDictionary<ClientSession, bool> _open = new();
    private readonly ConcurrentDictionary<Task, bool> _removing = new();
    private readonly Lock _lock = new();

    internal EmbodimentService(RoomAuthorizer authorizer, RoomDirectory directory, IdentityCache access, AgentIds ids)
    {
        _ids = ids;
        _authorizer = authorizer;
        _directory = directory;
        _access = access;
    }

    /// <summary>Opens a session. Close it when the client is gone.</summary>
    /// <param name="caller">Whose it is.</param>
    /// <param name="client">What the client calls itself; becomes part of agent ids.</param>
    public ClientSession Open(Caller caller, string client)
    {
        var session = new ClientSession(caller, client);
        session.Access = _access.Notices.Add(caller, room: null, change => Review(session, change));
        _open[session] = true;

        // The token may have died in between, and then nobody else would notice.
        if (_access.Current(caller) is null)
        {
            Close(session);
        }

        return session;
    }

    /// <summary>
    /// Hands an open session to another token of the same user: a client that has asked its user for more has a new one, and goes on where it was. What the session has given up
    /// stays given up.
    /// </summary>
    public void Hand(ClientSession session, Caller caller)
    {
        if (caller.UserId is null || caller.UserId != session.Caller.UserId)
        {
            throw new ArgumentException("A session stays with its user.", nameof(caller));
        }

        session.Caller = caller;
        session.Access?.Hand(caller);
        if (_access.Current(caller) is null)
        {
            Close(session);
        }
    }

    /// <summary>Ends a session and releases its agents. A second call has no effect.</summary>
    public void Close(ClientSession session)
    {
        if (!_open.TryRemove(session, out _))
        {
            return;
        }

        // Ended first: an embodiment under way checks for that after it has chosen its agent.
        session.End();
        session.Access?.Dispose();
        foreach (var (room, sessionRoom) in session.SessionRooms)
        {
            if (sessionRoom.Agent is not null)
            {
                LetGo(session, room);
            }
        }
    }

    /// <summary>The role of the agent that the caller acts as in a room; null where it acts as none.</summary>
    /// <remarks>Errors: those of access.</remarks>
    public async Task<Outcome<string?>> RoleHeldAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var state = authorized.Room.Published;
        return authorized.Self(state) is { } self ? state.Agents.GetValueOrDefault(self)?.Role : null;
    }

    /// <summary>Embodies an agent in a room; the one embodied there before is let go. The caller is in a session.</summary>
    /// <remarks>Errors: those of write access, <c>agent_exists identity_mismatch invalid_id invalid_parameter scope_denied payload_too_large unavailable</c>.</remarks>
    public async Task<Outcome<Embodied>> EmbodyAsync(Caller caller, string room, EmbodyRequest request, CancellationToken cancellationToken)
    {
        var session = SessionOf(caller);
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var fillsRole = request is { Role: not null, Agent: null } && authorized.Access.BoundAgent is null;
        var chosen = request.Agent ?? authorized.Access.BoundAgent;
        var named = chosen ?? NameOf(request, authorized.User, session);
        if (!Parse(request, named, authorized.Room.Published.Language).Try(out var join, out error))
        {
            return error;
        }

        if (authorized.Access.BoundAgent is { } bound && named != bound)
        {
            return new SyncError(ErrorCode.IdentityMismatch, $"This token acts as '{bound}' only.") { Hint = $"Embody '{bound}', or leave 'agent' out." }.With("agent", bound);
        }

        // A user whom another process has just made is a user too.
        await _ids.LearnAsync(cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await authorized.Room.Writer.ExecuteAsync(
                new EmbodyCommand { Source = authorized.Source, Caller = caller.IdentityIn(room), Request = join, FillsRole = fillsRole, IsNamed = chosen is not null },
                cancellationToken).ConfigureAwait(false);
            if (!outcome.Try(out var committed, out error))
            {
                return error;
            }

            // The decision has found or made one, or refused. It may be gone again.
            var id = committed.Agent!.Value.Agent;
            if (!authorized.Room.Published.Agents.TryGetValue(id, out var agent))
            {
                return AgentRemoval.Gone(id);
            }

            if (!TryAssign(session, room, agent.Id, alone: fillsRole && attempt < Attempts, out var before))
            {
                continue;
            }

            var released = before == agent.Id ? null : before;
            if (released is not null)
            {
                Rest(authorized.Room, room, released);
            }

            TouchOrLetGo(authorized.Room, session, room, agent.Id);
            await SettledAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Embodied(room, agent.Id, agent.Name, agent.Role, committed.IsNew, released);
        }
    }

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

    /// <summary>Lets the agent go that the session embodies in a room.</summary>
    /// <returns>The agent, or null when there was none.</returns>
    public async Task<Outcome<string?>> DisembodyAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        var session = SessionOf(caller);
        if (_authorizer.Reauthorize(caller, room, AccessLevel.Read) is { } refused)
        {
            return refused;
        }

        var released = LetGo(session, room);
        await SettledAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return released;
    }

    /// <summary>Narrows the session in a room: to observing, or to one role.</summary>
    /// <param name="caller">The caller, in a session.</param>
    /// <param name="room">The room.</param>
    /// <param name="role">The only role it may fill from now on; null leaves observing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>Errors: those of access; <c>scope_denied</c> when the session is restricted to another role already.</remarks>
    public async Task<Outcome<SessionStanding>> RestrictAsync(Caller caller, string room, string? role, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (role is not null && !AgentRole.IsValid(role))
        {
            return new SyncError(ErrorCode.InvalidParameter, "'role' cannot be a role.") { Hint = AgentRole.Rule }.With("parameter", "role");
        }

        var session = SessionOf(caller);
        var needed = role is null ? AccessLevel.Read : AccessLevel.Write;
        if (!(await _authorizer.AuthorizeAsync(caller, room, needed).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if (role is not null && session.SessionIn(room).Role is { } other && other != role)
        {
            return OtherRole(room, other);
        }

        session.Change(room, sessionRoom => role is null
            ? sessionRoom with { Max = AccessLevel.Read < sessionRoom.Max ? AccessLevel.Read : sessionRoom.Max }
            : sessionRoom with { Max = AccessLevel.Write < sessionRoom.Max ? AccessLevel.Write : sessionRoom.Max, Role = role });

        var state = authorized.Room.Published;
        var agent = session.AgentIn(room);
        var released = agent is not null && (role is null || state.Agents.GetValueOrDefault(agent)?.Role != role) ? LetGo(session, room) : null;
        await SettledAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return new SessionStanding(room, SessionNote.Level(_access.Of(caller, authorized.Record).Level, session.SessionIn(room)), session.SessionIn(room).Role, session.AgentIn(room), released);
    }

    /// <summary>Gives a room up for the rest of the session.</summary>
    /// <remarks>Errors: those of reading.</remarks>
    public Outcome<SessionStanding> Revoke(Caller caller, string room)
    {
        var session = SessionOf(caller);
        if (_authorizer.Reauthorize(caller, room, AccessLevel.Read) is { } refused)
        {
            return refused;
        }

        var released = LetGo(session, room);
        session.Change(room, sessionRoom => sessionRoom with { Max = AccessLevel.None });
        if (caller.TokenId is { } token)
        {
            // Its own waits and subscriptions there end too.
            _access.Notices.Notify(AccessChange.OfToken(token));
        }

        return new SessionStanding(room, "none", Role: null, Agent: null, released);
    }

    /// <summary>Completes when what sessions that ended have left is gone.</summary>
    internal Task SettledAsync() => Task.WhenAll(_removing.Keys);

    /// <summary>Waits for what sessions have left.</summary>
    public async ValueTask DisposeAsync() => await SettledAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static SentSession SessionOf(CallerIdentity caller) => caller.Session ?? throw new ArgumentException("Only a caller in a session embodies.", nameof(caller));

    private static ClientSession SessionOf(Caller caller) =>
        caller.Session as ClientSession ?? throw new ArgumentException("Only a caller in a session embodies.", nameof(caller));

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

    private static string NameOf(EmbodyRequest request, UserRecord? user, ClientSession session)
    {
        var text = request.Role ?? request.Name;
        if (text is not null && Identifier(text) is { Length: > 0 } own)
        {
            return own;
        }

        if (user is null)
        {
            return Identifier(session.Client);
        }

        var max = 63 - session.Client.Length;
        return Identifier($"{(user.Name.Length > max ? user.Name[..max] : user.Name).TrimStart('_')}:{session.Client}", plain: false);
    }

    private static string Identifier(string text, bool plain = true)
    {
        var id = plain ? ClientSession.Plain(text, 56) : text;
        return id is ReservedScopes.Self or "." or ".." ? id + "-" : id;
    }

    private static Outcome<JoinRequest> Parse(EmbodyRequest request, string id, RoomLanguage language)
    {
        if (JsonRules.CheckMembers(request.State, language.JsonDepth) is { } malformed)
        {
            return malformed;
        }

        var body = new JsonObject { ["id"] = id };
        if (request.Name is not null)
        {
            body["name"] = request.Name;
        }

        if (request.Role is not null)
        {
            body["role"] = request.Role;
        }

        if (request.State.ValueKind is not (System.Text.Json.JsonValueKind.Undefined or System.Text.Json.JsonValueKind.Null))
        {
            body["state"] = JsonText.Of(request.State).ToNode();
        }

        return JoinRequest.Parse(JsonText.Of(body).ToElement(), standard: null, language);
    }

    internal Decision Decide(AuthorizedRoom authorized, EmbodyCommand command, Moment moment)
    {
        var (state, user, join) = (moment.State, authorized.User, command.Request);
        var session = SessionOf(command.Caller);
        if (command.FillsRole)
        {
            // A role that is asked for has been read.
            join = join with { Id = FindForRole(moment, authorized, session, join.Role!) ?? _ids.NewId(state, join.Id, user?.Id) };
        }
        else if (!command.IsNamed && !(state.Agents.TryGetValue(join.Id, out var known) && authorized.Holds(known)))
        {
            // The id was only a proposal: where it is somebody else's, the agent gets another.
            join = join with { Id = OwnNumbered(authorized, state, join.Id) ?? _ids.NewId(state, join.Id, user?.Id) };
        }

        var old = state.Agents.GetValueOrDefault(join.Id);
        if (session.SessionRoom.Role is { } only && !KeepsRole(state, ref join, only))
        {
            return Decision.Refuse(OtherRole(authorized.Record.Id, only));
        }

        var changes = join is { Name: not null } && join.Name != old?.Name || (join.Role is not null && join.Role != old?.Role) || !join.State.IsEmpty;
        if (old is not null && !changes && authorized.Holds(old))
        {
            // Nothing to record: an agent that is embodied again is the same agent.
            return Decision.Reply(JsonText.Null) with { Agent = old.Binding };
        }

        return Joining.Decide(
            new JoinInput { Moment = moment, Request = join, Access = authorized.Access, User = user, Ids = _ids, Limits = authorized.Room.Limits, FillsRole = command.FillsRole, IsEmbodiment = true });
    }

    /// <summary>Decides when its turn comes: somebody may have embodied the agent again by then.</summary>
    internal Decision Decide(RemoveUnusedAgentCommand command, Moment moment, RoomReplica room) =>
        IsHeld(room.Record.Id, command.Agent.Agent, apartFrom: null) ? Decision.Reply(JsonText.Null) : AgentRemoval.DecideUnused(moment, command.Agent);

    // The session's own one first, then the user's, then those made for the role that nobody fills.
    private string? FindForRole(Moment moment, AuthorizedRoom authorized, SentSession session, string role)
    {
        var room = authorized.Record.Id;
        var free = moment.State.Agents.Values
            .Where(agent => agent.Role == role && (session.SessionRoom.Agent == agent.Id || (IsIdle(moment, agent.Id) && !IsHeld(room, agent.Id, session.Id))))
            .Where(agent => SessionNote.IsOwn(authorized, agent) || agent.ForRole)
            .OrderBy(agent => session.SessionRoom.Agent == agent.Id ? 0 : SessionNote.IsOwn(authorized, agent) ? 1 : 2)
            .ThenBy(agent => agent.JoinedAt);
        return free.FirstOrDefault()?.Id;
    }

    private static bool IsIdle(Moment moment, string agent) => AgentPresence.StatusOf(moment.Presence.Of(agent), moment.Now) == AgentStatus.Idle;

    // One of the caller's own that got its number because the plain id was somebody else's.
    private static string? OwnNumbered(AuthorizedRoom authorized, RoomState state, string wanted)
    {
        for (var number = 2; state.Agents.TryGetValue(string.Create(CultureInfo.InvariantCulture, $"{wanted}-{number}"), out var agent); number++)
        {
            if (SessionNote.IsOwn(authorized, agent) && authorized.User is not null)
            {
                return agent.Id;
            }
        }

        return null;
    }

    private bool IsHeld(string room, string agent, string? apartFrom) =>
        _open.Keys.Any(session => session.Id != apartFrom && session.AgentIn(room) == agent);

    // False when another session has taken the agent meanwhile and it must be had alone.
    private bool TryAssign(ClientSession session, string room, string agent, bool alone, out string? before)
    {
        lock (_lock)
        {
            before = session.AgentIn(room);
            if (alone && IsHeld(room, agent, session.Id))
            {
                return false;
            }

            session.Change(room, sessionRoom => sessionRoom with { Agent = agent });
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

    // An agent that another session of its user embodies too goes on. One that an embodiment made and that never acted goes with it.
    private void Rest(RoomReplica loaded, string room, string agent)
    {
        if (IsHeld(room, agent, apartFrom: null) || !loaded.Published.Agents.TryGetValue(agent, out var known))
        {
            return;
        }

        if (loaded.Published.Fresh.Contains(agent))
        {
            Track(loaded.Writer.ExecuteAsync(new RemoveUnusedAgentCommand { Agent = known.Binding }, CancellationToken.None));
        }

        if (loaded.Presence.Update(agent, 0, static (presence, _) => presence with { SetStatus = AgentStatus.Idle }, loaded.Clock))
        {
            loaded.Notify(new StateKey(ReservedScopes.Agents, agent));
        }
    }

    // Nobody waits for it, and closing must.
    private void Track(Task removal)
    {
        if (removal.IsCompleted)
        {
            return;
        }

        _removing[removal] = true;
        _ = removal.ContinueWith(done => _removing.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
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
