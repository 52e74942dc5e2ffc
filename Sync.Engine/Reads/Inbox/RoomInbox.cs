using System.Collections.Immutable;

namespace Sync.Engine.Reads.Inbox;

/// <summary>What waits for one person in one room, as of one event. Immutable.</summary>
internal sealed record RoomInbox
{
    /// <summary>Of each kind the newest so many are listed; the rest is counted.</summary>
    public const int MaxOfKind = 100;

    /// <summary>The room's row.</summary>
    public required long Row { get; init; }

    /// <summary>The newest event that it has seen.</summary>
    public required long Seq { get; init; }

    /// <summary>The membership that it was made for.</summary>
    public required RoomPerson Person { get; init; }

    public required string Room { get; init; }

    public string? Name { get; init; }

    /// <summary>What waits, the newest of each kind.</summary>
    public ImmutableArray<InboxItem> Items { get; init; } = [];

    /// <summary>How many more of each kind there are than are listed.</summary>
    public ImmutableDictionary<InboxKind, int> Unlisted { get; init; } = ImmutableDictionary<InboxKind, int>.Empty;

    /// <summary>Messages that their agent has not read.</summary>
    public long Unread { get; init; }

    /// <summary>Those directed to it.</summary>
    public long DirectedUnread { get; init; }

    /// <summary>It without what has ended by itself by now: the room may not be in memory to say so.</summary>
    public RoomInbox At(DateTimeOffset now) => Items.Any(item => item.EndsAt <= now) ? this with { Items = Items.RemoveAll(item => item.EndsAt <= now) } : this;

    /// <summary>Whether it shows the same as another one.</summary>
    public bool IsSameAs(RoomInbox other) =>
        Name == other.Name && Unread == other.Unread && DirectedUnread == other.DirectedUnread
        && Items.AsSpan().SequenceEqual(other.Items.AsSpan())
        && Unlisted.Count == other.Unlisted.Count && Unlisted.All(kind => other.Unlisted.GetValueOrDefault(kind.Key) == kind.Value);
}
