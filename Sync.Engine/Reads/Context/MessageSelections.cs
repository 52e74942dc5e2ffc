using System.Collections.Immutable;

namespace Sync.Engine.Reads.Context;

/// <summary>What <c>messages</c> calls its selections.</summary>
public static class MessageSelections
{
    /// <summary>Every name.</summary>
    public static ImmutableArray<string> Names { get; } = ["true", "false", "unread"];

    /// <summary>The selection of a name; null when there is none.</summary>
    public static MessageSelection? Find(string name) => name switch
    {
        "true" or "1" => MessageSelection.All,
        "false" or "0" => MessageSelection.None,
        "unread" => MessageSelection.Unread,
        _ => null,
    };
}
