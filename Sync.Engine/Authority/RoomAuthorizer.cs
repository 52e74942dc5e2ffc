using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;

namespace Sync.Engine.Authority;

/// <summary>A room entered by a caller: what the caller may do there, and as whom.</summary>
internal sealed record AuthorizedRoom(RoomReplica Room, RoomRecord Record, RoomAccess Access, Caller Caller, UserRecord? User) : RoomCaller(Record, Access, Caller, User)
{
    /// <summary>The level it was entered with: what outlives a request goes on for as long as the caller holds that.</summary>
    public required AccessLevel Needed { get; init; }

    /// <summary>Which ids are whose.</summary>
    public required AgentIds Ids { get; init; }

    /// <summary>
    /// The agent that comes to be with the next act of a session: one that the call names or the token is bound to, which is not there yet and may be the user's. Null where there is none.
    /// </summary>
    public string? NewAgent(RoomState state)
    {
        if (User is not { } user || Access.Level < AccessLevel.Write || Caller.Session?.SessionIn(Record.Id) is not { } session)
        {
            return null;
        }

        var id = Access.BoundAgent ?? (session.IsForCall ? session.Agent : null);
        return id is not null && !state.Agents.ContainsKey(id) && Ids.CheckNew(state, id, user.Id, Access.Level == AccessLevel.Admin) is null ? id : null;
    }

    /// <summary>Whose work it is when something is done for the caller.</summary>
    public WorkSource Source => WorkSource.Of(Caller, Record, Access);

    /// <summary>The same with what the caller may do by now.</summary>
    public AuthorizedRoom With(RoomRecord record, RoomAccess access) =>
        ReferenceEquals(record, Record) && access == Access ? this : this with { Record = record, Access = access };

    /// <summary>Evaluates for the caller, here or where heavy work is done. The work may be done twice; it makes its own budget.</summary>
    /// <remarks>Errors: those of the work; <c>rate_limited unavailable</c> when too much waits.</remarks>
    public ValueTask<Outcome<T>> EvaluateAsync<TState, T>(TState state, Func<TState, Outcome<T>> work, CancellationToken cancellationToken) =>
        Room.Scheduler.RunAsync(Source, Record.Row, state, work, cancellationToken);

    /// <summary>Who the caller is, and what it sees, in the room as it was: private scopes only as far back as they were those of the agents that have them now.</summary>
    public (string? Self, VisibleScopes VisibleScopes) In(RoomState past, bool withPrivate = false)
    {
        var visible = VisibleScopes(Room.Published, withPrivate).At(past.Seq);
        return (Self(past) is { } self && visible.Sees(self) ? self : null, visible);
    }
}

/// <summary>
/// Where authorisation happens: every operation on a room passes here once, with the level it needs. The answer is worked out from the token and the role of this moment.
/// </summary>
internal sealed class RoomAuthorizer(RoomDirectory directory, IdentityCache access, AgentIds ids, VisibleRooms visible)
{
    // Of more rooms a mistyped id is compared with the newest only: a refusal must not cost more the more rooms there are.
    private const int MaxCompared = 1_000;

    /// <summary>The refusal for a request without a token.</summary>
    public static SyncError Anonymous { get; } = new(ErrorCode.AuthenticationRequired, "This needs a token.")
    {
        Next = [NextStep.SignIn],
    };

    /// <summary>Finds the room and the caller's access to it, without loading it.</summary>
    public Outcome<(RoomRecord Record, RoomAccess Access)> Check(Caller caller, string room, AccessLevel needed)
    {
        if (caller.IsAnonymous)
        {
            return Anonymous;
        }

        if (Identifiers.CheckRoomId(room) is { } badId)
        {
            return badId;
        }

        if (!directory.TryFind(room, out var record))
        {
            return NotFound(caller, room);
        }

        var held = access.Of(caller, record);
        if (held.Level < needed && caller.Session?.SessionIn(room) is { } sessionRoom && sessionRoom.Max < needed)
        {
            return Narrowed(room, sessionRoom.Max);
        }

        if (held.Level == AccessLevel.None)
        {
            return AccessRefusals.NotReached(caller, access.Current(caller), record, needed);
        }

        // A client session is for who takes part. What only shows is for pages and plain requests.
        if (held.Views is { } views && (needed > AccessLevel.Views || caller.Session is not null))
        {
            return OnlyShown(room, views);
        }

        if (held.Level < needed)
        {
            return AccessRefusals.TooLow(caller, access.Current(caller)?.User, record, held, needed);
        }

        return (record, held);
    }

    /// <summary>Enters a room: checks access, then loads it.</summary>
    public async ValueTask<Outcome<AuthorizedRoom>> AuthorizeAsync(Caller caller, string room, AccessLevel needed)
    {
        if (!Check(caller, room, needed).Try(out var found, out var error))
        {
            return error;
        }

        var loading = directory.OpenAsync(found.Record);
        var atOnce = loading.IsCompletedSuccessfully;
        var opened = await loading.ConfigureAwait(false);

        // Reading a room from disk takes a while, in which access may have been taken away.
        if ((!atOnce && !Check(caller, room, needed).Try(out found, out error)) || !opened.Try(out var loaded, out error))
        {
            return error;
        }

        // The presented token's: a token never changes hands, and one that has just died must not count as a room's own, which has no user.
        return new AuthorizedRoom(loaded, found.Record, found.Access, caller, caller.Token?.User) { Needed = needed, Ids = ids };
    }

    /// <summary>Whether the caller may still do what it began; null when it may.</summary>
    public SyncError? Reauthorize(Caller caller, string room, AccessLevel needed) =>
        Check(caller, room, needed).Try(out _, out var error) ? null : error;

    /// <summary>The room with what the caller may do there by now; null when that no longer suffices. For what outlives a request.</summary>
    public AuthorizedRoom? Renew(AuthorizedRoom authorized) =>
        Check(authorized.Caller, authorized.Record.Id, authorized.Needed).Try(out var found, out _) && found.Record.Row == authorized.Record.Row
            ? authorized.With(found.Record, found.Access)
            : null;

    /// <summary>The caller of a command in the room where it is decided: what it may do is what it may do by now, for a command may have stood in line.</summary>
    public Outcome<AuthorizedRoom> Authorize(CallerIdentity identity, RoomReplica room, AccessLevel needed)
    {
        if (!access.CallerOf(identity).Try(out var caller, out var error) || !Check(caller, room.Record.Id, needed).Try(out var found, out error))
        {
            return error;
        }

        return new AuthorizedRoom(room, found.Record, found.Access, caller, caller.Token?.User) { Needed = needed, Ids = ids };
    }

    /// <summary>Who asked for an approval, in the room where it is decided; null where nothing is left of their right to act there.</summary>
    public AuthorizedRoom? AuthorizeAsker(CallerIdentity identity, RoomReplica room) =>
        access.CallerOf(identity).Try(out var caller, out _) && directory.TryFind(room.Record.Id, out var record) && record.Row == room.Record.Row
        && access.OfStanding(caller, record) is { Level: >= AccessLevel.Write } held
            ? new AuthorizedRoom(room, record, held, caller, caller.Token?.User) { Needed = AccessLevel.Write, Ids = ids }
            : null;

    /// <summary>When a caller last showed a passkey in its session; null where it is none.</summary>
    public DateTimeOffset? ConfirmedAt(Caller caller) => access.Sessions.ConfirmedAt(caller);

    /// <summary>
    /// Who acts: the agent named in the request where the caller may name it, else its own. A user's own agent that does not exist yet comes to be with the act.
    /// </summary>
    public static Outcome<Actor> ActAs(AuthorizedRoom authorized, RoomState state, string? named, DateTimeOffset now, RoomLimits limits)
    {
        var access = authorized.Access;
        var user = authorized.User;
        var admin = access.Level == AccessLevel.Admin;
        var actor = ActorOf(authorized, state);

        if (named is not null && access.Level < AccessLevel.Write)
        {
            return authorized.Caller.Session?.SessionIn(authorized.Record.Id).Max < AccessLevel.Write ? ReadsOnly(authorized)
                : new SyncError(ErrorCode.ReadOnlyToken, "This token only reads, and acts as nobody.") { Hint = "Leave 'agent' out, or use a token with write access." };
        }

        if (authorized.Caller.Session is not null)
        {
            // A session acts as whom it embodies, full access or not; whether it must embody anybody depends on what it does.
            var embodied = authorized.Self(state);
            return named is not null && named != embodied ? Mismatch(embodied, named)
                : embodied is null && authorized.NewAgent(state) is { } coming ? Creating(authorized, state, actor, coming, now, limits)
                : actor with { Agent = embodied };
        }

        var own = access.BoundAgent ?? (user is null ? null : AgentIds.PlainOf(state, user)?.Id ?? (access.Level < AccessLevel.Write ? user.Name : authorized.Ids.NewPlainId(state, user)));
        if (named is not null && named != own)
        {
            if (!state.Agents.TryGetValue(named, out var other))
            {
                return admin ? AgentErrors.Unknown(state, named) : Mismatch(own, named);
            }

            var mine = access.BoundAgent is null && user is not null && other.User == user.Id;
            return admin || mine ? actor with { Agent = named, VisibleScopes = Model.Expressions.VisibleScopes.Of(named, state) } : Mismatch(own, named);
        }

        if (own is null || access.Level < AccessLevel.Write)
        {
            return actor with { Agent = access.Level < AccessLevel.Write ? authorized.Self(state) : null };
        }

        if (state.Agents.TryGetValue(own, out var agent))
        {
            return authorized.Holds(agent) ? actor with { Agent = own, VisibleScopes = named is null ? actor.VisibleScopes : Model.Expressions.VisibleScopes.Of(own, state) } : NotYours(own);
        }

        if (access.BoundAgent is not null)
        {
            return AgentErrors.Unknown(state, own);
        }

        return Creating(authorized, state, actor, own, now, limits);
    }

    private static Actor ActorOf(AuthorizedRoom authorized, RoomState state)
    {
        var (access, user) = (authorized.Access, authorized.User);
        return new Actor
        {
            Level = access.Level,
            Role = access.Role,
            Principal = user?.Id ?? authorized.Caller.TokenId ?? authorized.Caller.SystemName ?? "",
            User = user?.Id ?? authorized.Caller.Token?.OnBehalfOf,
            UserName = user?.Name,
            InBrowser = authorized.Caller.IsSession,
            IsPerson = authorized.Caller.IsSession && user is not null && authorized.Record.Members.TryGetValue(user.Id, out var member) && member is { ViaOpen: false, Role: not Primitives.Access.Role.Observer },
            VisibleScopes = authorized.VisibleScopes(state),
        };
    }

    /// <summary>The refusal of what only an agent does, to a session that is none.</summary>
    public static SyncError NotEmbodied(RoomCaller caller)
    {
        var room = caller.Record.Id;
        var session = caller.Caller.Session;
        var own = session is null || caller.User is not { } user ? null : AgentSlug.OfClient(user.Name, session.Client);
        return new SyncError(
            ErrorCode.EmbodimentRequired,
            session?.SessionIn(room).Lost is { } lost
                ? $"Another session has taken over the agent '{lost}' in the room '{room}'; this one acts as nobody there now."
                : $"This session only observes the room '{room}'; it embodies no agent there.")
        {
            Hint = $"Embody an agent and repeat the call, or name one in the call itself: \"agent\": \"{own ?? "ID"}\".",
            Next = [NextStep.Embody(room)],
        }.With("room", room);
    }

    // The record of a session's restriction holds for what it makes too.
    private static Outcome<Actor> Creating(AuthorizedRoom authorized, RoomState state, Actor actor, string id, DateTimeOffset now, RoomLimits limits)
    {
        var user = authorized.User!; // Only a user's agent comes to be with an act.
        return RoomQuota.CheckAgent(state, authorized.Record, RoomQuota.PartyOf(actor, state, authorized.Record), user.Id, limits) is { } full
            ? full
            : actor with
            {
                Agent = id,
                Creates = new AgentRecord
                {
                    Id = id,
                    Name = authorized.Caller.Session is null ? user.Name : id,
                    Role = authorized.Caller.Session?.SessionIn(authorized.Record.Id).Role ?? AgentRole.Default,
                    User = user.Id,
                    JoinedAt = now,
                    JoinedSeq = state.Seq + 1,
                },
            };
    }

    private static SyncError Mismatch(string? own, string named) =>
        new SyncError(ErrorCode.IdentityMismatch, own is null ? "This token may not act as an agent it names." : $"This token acts as '{own}', not as '{Identifiers.Shown(named)}'.")
        {
            Hint = own is null ? "Use the agent's own token." : "Leave 'agent' out, or use that agent's own token.",
        }.With("agent", Identifiers.Shown(named));

    private static SyncError NotYours(string own) =>
        new SyncError(ErrorCode.IdentityMismatch, $"The agent '{own}' in this room belongs to somebody else.")
        {
            Hint = "Join under another id; this token then acts as that agent.",
            Next = [NextStep.JoinRoom()],
        }.With("agent", own);

    private SyncError NotFound(Caller caller, string room)
    {
        var near = NearestName.Of(room, visible.ByAge(caller, AccessLevel.Views).Take(MaxCompared).Select(static place => place.Id));
        near = near is not null && visible.Find(caller, near, AccessLevel.Views) is null ? null : near;
        return new SyncError(ErrorCode.RoomNotFound, $"There is no room '{room}'.")
        {
            Hint = near is null ? null : $"Did you mean '{near}'?",
            Next = near is null ? [NextStep.ListRooms, NextStep.CreateRoom] : [],
        }.With("room", room);
    }

    // No way to widen it: whoever holds a link that shows a few surfaces is somebody else than its user.
    private static SyncError OnlyShown(string room, ViewSet views)
    {
        const int Named = 10;
        var names = string.Join(", ", views.Take(Named).Select(view => $"'{Identifiers.Shown(view)}'"));
        return new SyncError(ErrorCode.ScopeDenied, $"This token shows {(views.Count == 1 ? "one view" : $"{views.Count} views")} of the room '{room}' and nothing else.")
        {
            Hint = $"It shows {names}{(views.Count > Named ? " and others" : "")}. For more, ask whoever gave you the link.",
            Next = [NextStep.ReadContext(room), NextStep.OpenRoom(room)],
        }.With("room", room);
    }

    /// <summary>The refusal of an act to who only reads: the session has restricted itself, or the token gives no more.</summary>
    public static SyncError ReadsOnly(RoomCaller authorized) => authorized.Caller.Session?.SessionIn(authorized.Record.Id).Max is { } left and < AccessLevel.Write
        ? Narrowed(authorized.Record.Id, left)
        : new SyncError(ErrorCode.ReadOnlyToken, $"This token only reads the room '{authorized.Record.Id}'.") { Hint = "Use a token with write access to the room." }.With("room", authorized.Record.Id);

    private static SyncError Narrowed(string room, AccessLevel left) => left switch
    {
        AccessLevel.None => new SyncError(ErrorCode.ScopeDenied, $"This session has given up the room '{room}'.") { Hint = "What a session gives up it does not get back; a new session starts with the token's access." }.With("room", room),
        AccessLevel.Read => new SyncError(ErrorCode.ReadOnlyToken, $"This session has restricted itself to observing the room '{room}'.") { Hint = "A new session starts with the token's access." }.With("room", room),
        _ => new SyncError(ErrorCode.RoomTokenRequired, $"This session has restricted itself to a role in the room '{room}'.") { Hint = "A new session starts with the token's access." }.With("room", room),
    };
}
