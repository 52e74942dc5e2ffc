using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Concurrency;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Agents;

namespace Sync.Engine.Services.Embodiments;

/// <summary>
/// Client sessions and whom they embody. A session observes until it embodies an agent; it embodies one per room, and lets it go when it ends, when it embodies another, or
/// when its token may not act there any more. An agent let go is idle and fills no role, and nothing else happens to it: whoever may act as it embodies it again.
/// </summary>
public sealed partial class EmbodimentService : IAsyncDisposable
{
    private const int Attempts = 8;

    private readonly RoomAuthorizer _authorizer;
    private readonly RoomDirectory _directory;
    private readonly IdentityCache _access;
    private readonly AgentIds _ids;
    private readonly RoomAdmission _admission;
    private readonly EntryWaits _entries;
    private readonly ConcurrentDictionary<ClientSession, bool> _open = new();
    private readonly RunningTasks _removing = new();
    private readonly Lock _lock = new();

    internal EmbodimentService(RoomAuthorizer authorizer, RoomDirectory directory, IdentityCache access, AgentIds ids, RoomAdmission admission, EntryWaits entries)
    {
        _admission = admission;
        _entries = entries;
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

    /// <summary>Lets go of every agent that a session embodies: its client goes on in another session. Where it has not gone, it is told as of an agent that was taken over.</summary>
    public void GiveUp(ClientSession session)
    {
        foreach (var (room, _) in session.SessionRooms)
        {
            if (LetGo(session, room) is { } agent)
            {
                session.Change(room, sessionRoom => sessionRoom.Agent is null ? sessionRoom with { Lost = agent } : sessionRoom);
            }
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

    /// <summary>
    /// Embodies an agent in a room; the one embodied there before is let go. The caller is in a session. In an open room this is a join of the caller's user, with what follows from one: who had no
    /// role gets one.
    /// </summary>
    /// <remarks>
    /// Errors: those of write access, <c>agent_exists agent_held identity_mismatch invalid_id invalid_parameter scope_denied payload_too_large unavailable</c>; with a time to wait
    /// <c>rate_limited</c>, and <c>room_not_found</c> for every room that did not let the caller in.
    /// </remarks>
    public Task<Outcome<Embodied>> EmbodyAsync(Caller caller, string room, EmbodyRequest request, CancellationToken cancellationToken)
    {
        var session = SessionOf(caller);

        // What is wrong with the request itself is told before the room is looked at: an entry that waits must say nothing of it.
        var bound = _access.ScopeOf(caller).AgentFor(room);
        var chosen = request.Agent ?? bound;
        var named = chosen ?? NameOf(request, _access.Current(caller)?.User, session);
        if (!Parse(request, named, _directory.Language).Try(out var join, out var error))
        {
            return Task.FromResult<Outcome<Embodied>>(error);
        }

        if (bound is not null && named != bound)
        {
            return Task.FromResult<Outcome<Embodied>>(
                new SyncError(ErrorCode.IdentityMismatch, $"This token acts as '{bound}' only.") { Hint = $"Embody '{bound}', or leave 'agent' out." }.With("agent", bound));
        }

        var embodiment = new Embodiment(caller, session, join, request, IsNamed: chosen is not null);
        return _entries.EnterAsync(caller, room, request.Wait, JsonText.LengthOf(request.State), _admission.CheckEntry, admission => EnterAsync(admission, embodiment, cancellationToken), cancellationToken);
    }

    private async Task<Outcome<Embodied>> EnterAsync(Admission admission, Embodiment embodiment, CancellationToken cancellationToken)
    {
        var (caller, session, join, request, isNamed) = embodiment;
        var room = admission.Record.Id;
        if (!(await _directory.OpenAsync(admission.Record).ConfigureAwait(false)).Try(out var loaded, out var error))
        {
            return error;
        }

        // A user whom another process has just made is a user too.
        await _ids.LearnAsync(cancellationToken).ConfigureAwait(false);
        var fillsRole = request.Role is not null && !isNamed;
        var (isCreated, isAssigned, released) = (false, false, (string?)null);
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await loaded.Writer.ExecuteAsync(
                new EmbodyCommand { Source = WorkSource.Of(caller, admission.Record, admission.Held), Caller = caller.IdentityIn(room), Request = join, FillsRole = fillsRole, IsNamed = isNamed, TakesOver = request.TakeOver },
                cancellationToken).ConfigureAwait(false);
            if (!outcome.Try(out var committed, out error))
            {
                return isAssigned ? Undo(session, room, error) : error;
            }

            // The decision has found or made one, or refused. It may be gone again.
            var id = committed.Agent!.Value.Agent;
            if (!loaded.Published.Agents.TryGetValue(id, out var agent))
            {
                return AgentRemoval.Gone(id);
            }

            // Before the session is it: what it may not do yet, it would have to let go of.
            if (admission.User is not null && await SettleEntryAsync(caller, admission, agent).ConfigureAwait(false) is { } gone)
            {
                return gone;
            }

            if (TryAssign(session, room, agent.Id, request.TakeOver, out var before))
            {
                isCreated |= committed.IsNew;
                released ??= RestBefore(loaded, before, agent.Id);
                if (request.Role is null || isAssigned)
                {
                    await BeginAsync(loaded, session, agent.Id).WaitAsync(cancellationToken).ConfigureAwait(false);
                    return new Embodied(room, agent.Id, agent.Name, agent.Role, isCreated, released)
                    {
                        HeldElsewhere = !isNamed && !fillsRole ? HeldInstead(loaded, session, agent, join.Id) : null,
                    };
                }

                // Until now no session had the agent: its role may have been vacated, or it may have passed to somebody else, after that was decided. It is decided once more, for good.
                isAssigned = true;
                join = join with { State = [] };
            }

            if (attempt == Attempts)
            {
                return Held(caller, session.Id, room, agent.Id) is var held && isAssigned ? Undo(session, room, held) : held;
            }
        }
    }

    // The session was the agent for a moment, which then turned out to be somebody else's.
    private SyncError Undo(ClientSession session, string room, SyncError error)
    {
        LetGo(session, room);
        return error;
    }

    private Task BeginAsync(RoomReplica loaded, ClientSession session, string agent)
    {
        TouchOrLetGo(loaded, session, loaded.Record.Id, agent);
        return SettledAsync();
    }

    // What follows for the user and the token. Not cancellable: the agent is there.
    private async Task<SyncError?> SettleEntryAsync(Caller caller, Admission admission, AgentRecord agent)
    {
        if (await _admission.SettleAsync(admission.Record, admission.User!).ConfigureAwait(false) is { } gone) // Asked of a user's entry only.
        {
            return gone;
        }

        if (caller.TokenId is { } token && _access.Current(caller) is { } current && current.Scope.LevelFor(admission.Record.Id) < AccessLevel.Write && !current.Admitted.Contains(admission.Record.Row))
        {
            await _access.Tokens.BindAgentAsync(token, admission.Record, agent.Binding, CancellationToken.None).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>
    /// Has a session embody the agent that it has just joined, where it embodies none in the room yet: one that makes agents for others stays who it is.
    /// </summary>
    /// <returns>Whether it acts as that agent now, and as whom.</returns>
    internal (bool IsIt, string? ActsAs) EmbodyJoined(Caller caller, ClientSession session, string room, string agent)
    {
        if (session.AgentIn(room) is null && TryEmbodyJoined(caller, session, room, agent))
        {
            return (true, agent);
        }

        var acting = session.AgentIn(room);
        return (acting == agent, acting);
    }

    private bool TryEmbodyJoined(Caller caller, ClientSession session, string room, string agent)
    {
        if (Loaded(room) is not { } loaded || !_admission.CheckEntry(caller, room).Try(out var admission, out _)
            || !loaded.Published.Agents.TryGetValue(agent, out var known) || !admission.Caller(caller).Holds(known)
            || !TryAssign(session, room, agent, takeOver: false, out _))
        {
            return false;
        }

        TouchOrLetGo(loaded, session, room, agent);
        return session.AgentIn(room) == agent;
    }

    /// <summary>The caller as one agent for the while of one call, in a client that has no session which embodies it. An agent that is not there yet comes to be with an act, never with a read.</summary>
    /// <param name="caller">The caller, in a session.</param>
    /// <param name="room">The room of the call.</param>
    /// <param name="agent">The agent that the call names.</param>
    /// <param name="acts">Whether the call may change something.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>Errors: those of write access; <c>identity_mismatch invalid_id agent_exists agent_not_found scope_denied</c>.</remarks>
    public async Task<Outcome<Caller>> ActAsAsync(Caller caller, string room, string agent, bool acts, CancellationToken cancellationToken)
    {
        if (Identifiers.CheckAgentId(agent) is { } badId)
        {
            return badId;
        }

        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if (authorized.Access.BoundAgent is { } bound && bound != agent)
        {
            return new SyncError(ErrorCode.IdentityMismatch, $"This token acts as '{bound}' only.") { Hint = "Leave 'agent' out." }.With("agent", bound);
        }

        await _ids.LearnAsync(cancellationToken).ConfigureAwait(false);
        var (state, session) = (authorized.Room.Published, caller.Session!); // AuthorizeAsync has refused every other caller, and the surface has opened one.
        if (state.Agents.TryGetValue(agent, out var known))
        {
            return !authorized.Holds(known)
                ? new SyncError(ErrorCode.IdentityMismatch, $"The agent '{agent}' is not one that this token acts as.")
                {
                    Hint = "Name one of your user's own; with your user's name and a colon before it, any id is.",
                    Next = [NextStep.Embody(room)],
                }.With("agent", agent)
                : session.SessionIn(room).Role is { } only && known.Role != only ? OtherRole(room, only)
                : caller.In(new SessionOfCall(session, room, agent));
        }

        if (!acts)
        {
            return AgentErrors.Unknown(state, agent) with { Hint = "An agent comes to be when it is embodied, or acts.", Next = [NextStep.Embody(room, agent)] };
        }

        return authorized.User is not { } user ? AgentErrors.Unknown(state, agent)
            : _ids.CheckNew(state, agent, user.Id, authorized.Access.Level == AccessLevel.Admin) is { } taken ? taken
            : caller.In(new SessionOfCall(session, room, agent));
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

    /// <summary>Waits for what sessions have left.</summary>
    public async ValueTask DisposeAsync() => await SettledAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static SentSession SessionOf(CallerIdentity caller) => caller.Session ?? throw new ArgumentException("Only a caller in a session embodies.", nameof(caller));

    private static ClientSession SessionOf(Caller caller) =>
        caller.Session as ClientSession ?? throw new ArgumentException("Only a caller in a session embodies.", nameof(caller));

    private SyncError Held(Caller caller, string session, string room, string agent)
    {
        var holder = _open.Keys.FirstOrDefault(other => other.Id != session && other.AgentIn(room) == agent)?.Caller;
        var isOwn = holder is null || (holder.UserId is null ? holder.TokenId == caller.TokenId : holder.UserId == caller.UserId);
        return new SyncError(ErrorCode.AgentHeld, $"{(isOwn ? "Another session of yours" : "A session of another user")} acts as '{agent}' in the room '{room}'.")
        {
            Hint = isOwn
                ? "Take it over if that session is over or to stop; it is told. Or leave 'agent' out for one of your own."
                : "Leave 'agent' out for one of your own. Take it over only if that user's session is to stop: it is told, and the log names your user with what you do as it.",
            Next = isOwn ? [NextStep.Embody(room, agent, takeOver: true)] : [NextStep.Embody(room), NextStep.Embody(room, agent, takeOver: true)],
        }.With("room", room).With("agent", agent);
    }

    private static string NameOf(EmbodyRequest request, UserRecord? user, ClientSession session)
    {
        var id = request.Role is { } role ? AgentSlug.OfRole(role)
            : request.Name is { } name ? AgentSlug.OfName(name)
            : user is null ? session.Client
            : AgentSlug.OfClient(user.Name, session.Client);
        return id == ReservedScopes.Self ? id + "-" : id;
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

    private sealed record Embodiment(Caller Caller, ClientSession Session, JoinRequest Join, EmbodyRequest Request, bool IsNamed);
}
