using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Identity.Rooms;

/// <summary>
/// The rule of effective access: min(token scope, role), and within a client session no more than the session has left itself. Pure.
/// </summary>
internal static class RoomPolicy
{
    public static RoomAccess Of(TokenRecord token, RoomRecord room, ICallerSession? session = null)
    {
        Role? role = null;
        AccessLevel max;
        if (token.User is { } user)
        {
            // No role, no access, whatever the scope says.
            if (!room.Members.TryGetValue(user.Id, out var held))
            {
                return default;
            }

            role = held.Role;
            max = LevelOf(held.Role);
        }
        else if (token.RoomRow == room.Row && !IsRemoved(token, room))
        {
            max = LevelFor(token.OnBehalfOf, room);
            max = LevelFor(token.Maker, room) is var made && made < max ? made : max;
        }
        else
        {
            return default;
        }

        var granted = GrantedBy(token, room);
        var level = granted < max ? granted : max;
        if (session is not null && session.SessionIn(room.Id).Max < level)
        {
            level = session.SessionIn(room.Id).Max;
        }

        if (level == AccessLevel.None)
        {
            return default;
        }

        if (level == AccessLevel.Views)
        {
            // Nobody reads: what a view makes of private scopes it makes for everyone, and nothing else is shown.
            return new RoomAccess(level, role, BoundAgent: null, SeesAllScopes: false) { Views = token.Scope.ViewsIn(room.Id) ?? ViewSet.None };
        }

        // An agent in the scope is a limit that even an owner's role does not lift. An agent from a join is who the token acts as;
        // with full access it may still name others and sees everything.
        // In a client session a join does not count: who acts is whom it embodies, and the token's other sessions are none of its business.
        var scopeAgent = token.Scope.AgentFor(room.Id);
        AgentBinding? joined = token.Agents.TryGetValue(room.Id, out var binding) ? binding : null;
        var agent = scopeAgent ?? (session is null ? joined?.Agent : session.SessionIn(room.Id).Agent);
        var bound = session is null ? agent : scopeAgent;

        // Private scopes are their agents' and the owners'; a link that only reads shows them where it was made to.
        return new RoomAccess(level, role, bound, SeesAllScopes: level == AccessLevel.Admin || (token.SeesPrivate && level == AccessLevel.Read))
        {
            // An agent's own token is of one agent, not of whoever bears the id after it; of those made before tokens said so, the first.
            BoundSince = bound is null ? null : joined?.Agent == bound ? joined.Value.Since : token.User is null ? 0 : null,
        };
    }

    /// <summary>Whether an owner took out of the room whoever is known to be behind a token.</summary>
    public static bool IsRemoved(TokenRecord token, RoomRecord room) =>
        !room.Removed.IsEmpty && new[] { token.User?.Id, token.OnBehalfOf, token.Maker, token.JoinedBy }.Any(user => user is not null && room.Removed.Contains(user));

    /// <summary>
    /// Whether a join made with a user's token is that user's: the token covers the room at write level, or, where whoever knows the room may join, it names no room or agent at all
    /// and so is for no other.
    /// </summary>
    public static bool IsUsersJoin(TokenRecord token, RoomRecord room) =>
        token.Scope.LevelFor(room.Id) >= AccessLevel.Write
        || IsAdmitted(token, room)
        || (room.Join == JoinPolicy.Open && token.Scope is { CanCreateRooms: true, Everywhere: AccessLevel.None } && !token.Scope.Rooms.Any());

    // What the scope says, or what a join has let the token into.
    private static AccessLevel GrantedBy(TokenRecord token, RoomRecord room)
    {
        var granted = token.Scope.LevelFor(room.Id);
        return granted < AccessLevel.Write && IsAdmitted(token, room) ? AccessLevel.Write : granted;
    }

    private static bool IsAdmitted(TokenRecord token, RoomRecord room) => token.Admitted.Contains(room.Row) && token.Scope.CanCreateRooms;

    // Nobody limits nothing; who has no role any more, everything.
    private static AccessLevel LevelFor(string? user, RoomRecord room) =>
        user is null ? AccessLevel.Admin : room.Members.TryGetValue(user, out var member) ? LevelOf(member.Role) : AccessLevel.None;

    /// <summary>What a role may at most do.</summary>
    public static AccessLevel LevelOf(Role role) => role switch
    {
        Role.Owner => AccessLevel.Admin,
        Role.Collaborator or Role.Participant => AccessLevel.Write,
        _ => AccessLevel.Read,
    };
}
