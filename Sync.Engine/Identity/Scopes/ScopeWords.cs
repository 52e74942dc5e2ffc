using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Identity.Scopes;

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
            parts.Add(Of(scope.GrantIn(room)));
        }

        return parts;
    }

    /// <summary>What a client asks for; nothing named asks for <c>rooms:* create_rooms</c>.</summary>
    internal static Outcome<Scope> Requested(string? text) => string.IsNullOrWhiteSpace(text) ? Scope.Everything : Scope.Parse(text);

    /// <summary>What a grant in one room lets its holder do.</summary>
    public static string OfRoom(string room, AccessLevel level, string? agent) => (level, agent) switch
    {
        (AccessLevel.Read, _) => $"Read the room '{room}'",
        (AccessLevel.Write, null) => $"Read and write in the room '{room}'",
        (AccessLevel.Write, _) => $"Act as agent '{agent}' in the room '{room}'",
        (AccessLevel.Admin, _) => $"Everything in the room '{room}', as any agent",
        _ => $"Nothing in the room '{room}'",
    };

    /// <summary>What showing single views of a room lets its holder do. Many are not all named.</summary>
    public static string OfViews(string room, IReadOnlyList<string> views)
    {
        const int Named = 6;
        var names = string.Join(", ", views.Take(Named).Select(view => $"'{Identifiers.Shown(view)}'"));
        return $"See {(views.Count == 1 ? "1 surface" : $"{views.Count} surfaces")} of the room '{room}' and nothing else of it: {names}{(views.Count > Named ? $" and {views.Count - Named} more" : "")}";
    }

    /// <summary>One room's grant with its words.</summary>
    internal static GrantablePart Of(RoomGrant grant) =>
        new(grant.Text, grant.Level == AccessLevel.Views ? OfViews(grant.Room, grant.Views) : OfRoom(grant.Room, grant.Level, grant.Agent));

    private static string OfEverywhere(AccessLevel level) => level switch
    {
        AccessLevel.Read => "Read every room you have a role in",
        AccessLevel.Write => "Read and write in every room you have a role in",
        _ => "Everything that your role allows in every room",
    };
}
