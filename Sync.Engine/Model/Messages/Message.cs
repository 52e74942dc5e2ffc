using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Entries;

namespace Sync.Engine.Model.Messages;

/// <summary>One message, as its entry's value describes it. Immutable.</summary>
internal sealed class Message
{
    /// <summary>The kind of message that asks for a reply.</summary>
    public const string Question = "question";

    public required long Seq { get; init; }

    public required string From { get; init; }

    public required string Kind { get; init; }

    /// <summary>Whom it is directed to; empty means everybody.</summary>
    public ImmutableArray<string> To { get; init; } = [];

    /// <summary>The number of the message it answers, or null.</summary>
    public long? ReplyTo { get; init; }

    public required Entry Entry { get; init; }

    /// <summary>Whether others are asked, who are to reply.</summary>
    public bool IsQuestion => Kind == Question && !To.IsEmpty;

    public static Message Read(Entry entry)
    {
        using var document = entry.Value.Parse();
        var root = document.RootElement;
        return new Message
        {
            Seq = long.Parse(entry.Key, CultureInfo.InvariantCulture),
            From = root.GetProperty("from"u8).GetString()!,
            Kind = root.GetProperty("kind"u8).GetString()!,
            To = root.TryGetProperty("to"u8, out var to) ? [.. to.EnumerateArray().Select(static agent => agent.GetString()!)] : [],
            ReplyTo = root.TryGetProperty("reply_to"u8, out var replyTo) ? replyTo.GetInt64() : null,
            Entry = entry,
        };
    }

    /// <summary>Whether a reader has it still before it: a message of somebody else after the reader's cursor. Nobody has a cursor, and nothing unread.</summary>
    public bool IsUnreadBy(string? agent, MessageCursor cursor) => agent is not null && From != agent && Seq > cursor.Seq;
}
