using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;

namespace Sync.Web.Components.Account.Consent;

/// <summary>A scope as plain sentences, for people who decide about it and never read the grammar.</summary>
internal static class GrantWords
{
    /// <summary>One sentence for each grant; the text itself where it does not parse.</summary>
    public static IReadOnlyList<string> Of(string text) =>
        Scope.Parse(text).Try(out var scope, out _) ? [.. ScopeWords.Of(scope).Select(part => part.Words)] : [text];

    /// <summary>What <c>create_rooms</c> means.</summary>
    public static string CreateRooms { get; } = Of("create_rooms")[0];

    /// <summary>What a level means in every room.</summary>
    public static string Everywhere(AccessLevel level) => Of(ScopeOffer.EverywhereText(level))[0];

    /// <summary>A level as a word or two for lists.</summary>
    public static string Level(AccessLevel level) => level switch
    {
        AccessLevel.None => "No access",
        AccessLevel.Views => "See some surfaces",
        AccessLevel.Read => "Read",
        AccessLevel.Write => "Read and write",
        _ => "Everything",
    };

    /// <summary>What a level lets its holder do in one room.</summary>
    public static string Room(string room, AccessLevel level) => ScopeWords.OfRoom(room, level, agent: null);
}
