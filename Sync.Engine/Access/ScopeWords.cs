namespace Sync.Engine;

/// <summary>Scopes in plain words: the one place where they are put so.</summary>
public static class ScopeWords
{
    /// <summary>Each part of a scope, in canonical order, with what it lets its holder do.</summary>
    public static IReadOnlyList<GrantablePart> Of(Scope scope)
    {
        List<GrantablePart> parts = [];
        if (scope.CanCreateRooms)
        {
            parts.Add(new GrantablePart("create_rooms", "Create rooms"));
        }

        if (scope.Everywhere != AccessLevel.None)
        {
            parts.Add(new GrantablePart($"rooms:*{RoomGrant.Suffix(scope.Everywhere)}", OfEverywhere(scope.Everywhere)));
        }

        foreach (var room in scope.Rooms)
        {
            var (level, agent) = (scope.LevelFor(room), scope.AgentFor(room));
            parts.Add(new GrantablePart(Scope.TextOf(room, level, agent), OfRoom(room, level, agent)));
        }

        return parts;
    }

    /// <summary>What a client asks for; nothing named asks for <c>rooms:* create_rooms</c>.</summary>
    internal static Outcome<Scope> Asked(string? text) => string.IsNullOrWhiteSpace(text) ? Scope.Everything : Scope.Parse(text);

    /// <summary>What a grant in one room lets its holder do.</summary>
    public static string OfRoom(string room, AccessLevel level, string? agent) => (level, agent) switch
    {
        (AccessLevel.Read, _) => $"Read the room '{room}'",
        (AccessLevel.Write, null) => $"Read and write in the room '{room}'",
        (AccessLevel.Write, _) => $"Act as agent '{agent}' in the room '{room}'",
        (AccessLevel.Admin, _) => $"Everything in the room '{room}', as any agent",
        _ => $"Nothing in the room '{room}'",
    };

    private static string OfEverywhere(AccessLevel level) => level switch
    {
        AccessLevel.Read => "Read every room you have a role in",
        AccessLevel.Write => "Read and write in every room you have a role in",
        _ => "Everything that your role allows in every room",
    };
}
