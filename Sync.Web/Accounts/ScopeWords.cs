using Sync.Engine;

namespace Sync.Web.Accounts;

/// <summary>A scope as plain sentences: what its holder may do. For people who decide about it and never read the grammar.</summary>
internal static class ScopeWords
{
    /// <summary>One sentence for each grant, the widest first.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="nameOf">A room's human name by its id, or null where it has none.</param>
    public static IReadOnlyList<string> Of(Scope scope, Func<string, string?>? nameOf = null)
    {
        var words = new List<string>();
        if (scope.Everywhere != AccessLevel.None)
        {
            words.Add(Everywhere(scope.Everywhere));
        }

        words.AddRange(scope.Rooms.Select(room => Room(scope, room, nameOf?.Invoke(room))));
        if (scope.CanCreateRooms)
        {
            words.Add(CreateRooms);
        }

        return words;
    }

    /// <summary>The same for scope text; the text itself where it does not parse.</summary>
    public static IReadOnlyList<string> Of(string text, Func<string, string?>? nameOf = null) =>
        Scope.Parse(text).Try(out var scope, out _) ? Of(scope, nameOf) : [text];

    /// <summary>What <c>create_rooms</c> means.</summary>
    public const string CreateRooms = "Create rooms, and do everything in those";

    /// <summary>What a level means in every room.</summary>
    public static string Everywhere(AccessLevel level) => level switch
    {
        AccessLevel.Read => "Read every room you are in, now and later",
        AccessLevel.Write => "Read and act in every room you are in, now and later",
        _ => "Do whatever you may in every room you are in, now and later",
    };

    /// <summary>A level as one word for lists.</summary>
    public static string Level(AccessLevel level) => level switch
    {
        AccessLevel.None => "No access",
        AccessLevel.Read => "Read",
        AccessLevel.Write => "Read and act",
        _ => "Everything",
    };

    /// <summary>What a level lets its holder do in one room.</summary>
    public static string Room(string room, AccessLevel level, string? agent, string? name = null)
    {
        var shown = name is null ? room : $"{name} ({room})";
        return level switch
        {
            _ when agent is not null => $"Act in {shown}, as the agent {agent} only",
            AccessLevel.Read => $"Read {shown}",
            AccessLevel.Write => $"Read and act in {shown}",
            _ => $"Do everything in {shown}",
        };
    }

    private static string Room(Scope scope, string room, string? name) => Room(room, scope.LevelFor(room), scope.AgentFor(room), name);
}
