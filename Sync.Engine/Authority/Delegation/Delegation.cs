using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;

namespace Sync.Engine.Authority.Delegation;

/// <summary>The caller that delegates access: its token as it is now, its user, and the most that it may give.</summary>
internal sealed record Delegator(TokenRecord Token, UserRecord User, Scope Held)
{
    /// <summary>Whether this is a person in a signed-in browser.</summary>
    public bool IsSession => Token.Kind == CredentialKind.Session;

    /// <summary>Whether all tokens of the user are the holder's to manage, and not only those it minted.</summary>
    public bool ManagesAll => Held.Everywhere == AccessLevel.Admin;
}

/// <summary>
/// The rule of all tokens and grants: nobody hands on more than they hold, neither their token nor their user. What a user holds is asked of the roles of
/// this moment.
/// </summary>
internal sealed class Delegation(IdentityCache access, RoomDirectory directory)
{
    /// <summary>The caller as one who may hand something on. Errors: <c>authentication_required</c>, <c>identity_mismatch</c>, <c>invalid_token</c> when dead by now, <c>scope_denied</c> for one that only shows views, <c>read_only_token</c> for one that only reads.</summary>
    public Outcome<Delegator> DelegatorOf(Caller caller)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        if (caller.Token?.User is null)
        {
            return ScopeErrors.NoUser;
        }

        // The presented token has a user, so the current one has.
        if (access.Current(caller) is not { User: { } user } token)
        {
            return AccessErrors.UnknownToken;
        }

        // A link that only reads is given away: with it nobody makes a copy, nor looks at its user's other tokens.
        return token.Kind == CredentialKind.Session ? new Delegator(token, user, Scope.Everything)
            : token.Scope.OnlyShows ? ScopeErrors.OnlyShows
            : token.Scope.OnlyReads ? ScopeErrors.OnlyReads
            : new Delegator(token, user, token.Scope);
    }

    /// <summary>The caller as a person in a signed-in browser. Errors: <c>authentication_required</c>.</summary>
    public Outcome<Delegator> SessionOf(Caller caller) =>
        caller.IsSession && DelegatorOf(caller).Try(out var delegator, out _) ? delegator : ScopeErrors.NeedsSession;

    /// <summary>The refusal of a scope beyond the caller's own; null when it is within.</summary>
    public static SyncError? CheckToken(Delegator delegator, Scope asked) =>
        delegator.Held.Covers(asked) ? null : ScopeErrors.ExceedsToken(asked, delegator.Held);

    /// <summary>The refusal of a scope that names more than its user may; null when it is within. <c>rooms:*</c> and <c>create_rooms</c> need no role: they follow the roles.</summary>
    public async ValueTask<SyncError?> CheckAccessAsync(UserRecord user, Scope asked)
    {
        foreach (var room in asked.Rooms)
        {
            var level = asked.LevelFor(room);
            var held = LevelOf(user, room);
            if (held < level)
            {
                return ScopeErrors.ExceedsAccess(room, level, held);
            }

            if (held < AccessLevel.Admin && asked.AgentFor(room) is { } agent && directory.TryFind(room, out var record))
            {
                if (!(await directory.OpenAsync(record).ConfigureAwait(false)).Try(out var loaded, out var error))
                {
                    return error;
                }

                if (!MayBe(user, agent, loaded.Published))
                {
                    return ScopeErrors.ForeignAgent(room, agent);
                }
            }
        }

        return null;
    }

    /// <summary>What the user may in a room at this moment; nothing in one that does not exist.</summary>
    public AccessLevel LevelOf(UserRecord user, string room) =>
        directory.TryFind(room, out var record) ? LevelOf(user, record) : AccessLevel.None;

    /// <summary>What the user may grant out of what was asked.</summary>
    public GrantableScope GrantableBy(UserRecord user, Scope asked)
    {
        List<GrantablePart> parts = [.. ScopeWords.Of(asked.WithoutRooms())];
        List<string> withheld = [];
        foreach (var room in asked.Rooms)
        {
            if (Grantable(user, asked, room) is { } max)
            {
                parts.Add(ScopeWords.Of(asked.GrantIn(room) with { Level = max }));
            }
            else
            {
                withheld.Add(asked.TextIn(room));
            }
        }

        List<GrantableRoom> rooms = [];
        foreach (var place in directory.Index.Of(user.Id).ByAge)
        {
            if (Grantable(user, asked, place.Id) is { } max && directory.TryFind(place.Id, out var record))
            {
                rooms.Add(new GrantableRoom(record.Id, record.Name, max, asked.AgentFor(record.Id)) { Views = asked.ViewsFor(record.Id) });
            }
        }

        rooms.Sort(static (a, b) => string.CompareOrdinal(a.Id, b.Id));
        return new GrantableScope(asked.Text, parts, withheld, rooms);
    }

    // What both allow; null for nothing. An agent grant cannot be narrowed: reading as nobody is something else than was asked.
    private AccessLevel? Grantable(UserRecord user, Scope asked, string room)
    {
        if (!directory.TryFind(room, out var record))
        {
            return null;
        }

        var held = LevelOf(user, record);
        var level = asked.LevelFor(room);
        var max = held < level ? held : level;
        if (max == AccessLevel.None)
        {
            return null;
        }

        if (asked.AgentFor(room) is not { } agent)
        {
            return max;
        }

        // A room that is not in memory is not loaded for a page: the grant itself looks again.
        var foreign = held < AccessLevel.Admin && directory.Loaded(record.Row)?.Published is { } state && !MayBe(user, agent, state);
        return max < AccessLevel.Write || foreign ? null : AccessLevel.Write;
    }

    private static AccessLevel LevelOf(UserRecord user, RoomRecord record) =>
        record.Members.TryGetValue(user.Id, out var member) ? RoomPolicy.LevelOf(member.Role) : AccessLevel.None;

    private static bool MayBe(UserRecord user, string agent, RoomState state) =>
        !state.Agents.TryGetValue(agent, out var existing) || existing.User == user.Id;
}
