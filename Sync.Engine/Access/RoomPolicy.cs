namespace Sync.Engine;

/// <summary>
/// The rule of effective access: min(token scope, role). Pure.
/// </summary>
internal static class RoomPolicy
{
    public static RoomAccess Of(TokenRecord token, RoomRecord room)
    {
        Role? role = null;
        AccessLevel most;
        if (token.User is { } user)
        {
            // No role, no access, whatever the scope says.
            if (!room.Members.TryGetValue(user.Id, out var held))
            {
                return default;
            }

            role = held;
            most = LevelOf(held);
        }
        else if (token.RoomRow == room.Row)
        {
            most = token.Behalf is not { } member ? AccessLevel.Admin
                : room.Members.TryGetValue(member, out var theirs) ? LevelOf(theirs)
                : AccessLevel.None;
        }
        else
        {
            return default;
        }

        var granted = token.Scope.LevelFor(room.Id);
        var level = granted < most ? granted : most;
        if (level == AccessLevel.None)
        {
            return default;
        }

        // An agent in the scope is a limit that even an owner's role does not lift. An agent from a join is who the token acts as;
        // with full access it may still name others and sees everything.
        var scopeAgent = token.Scope.AgentFor(room.Id);
        var agent = scopeAgent ?? token.Agents.GetValueOrDefault(room.Id);
        var free = agent is null || level == AccessLevel.Admin;
        var fullReader = role is null || role == Role.Owner;
        return new RoomAccess(level, role, agent, SeesAllScopes: free && fullReader);
    }

    /// <summary>What a role may at most do.</summary>
    public static AccessLevel LevelOf(Role role) => role switch
    {
        Role.Owner => AccessLevel.Admin,
        Role.Collaborator or Role.Participant => AccessLevel.Write,
        _ => AccessLevel.Read,
    };
}
