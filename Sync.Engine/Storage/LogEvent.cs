using System.Collections.Immutable;
using Sync.Engine.Model.Events;

namespace Sync.Engine.Storage;

/// <summary>An event as the log stores it: what has a column of its own, and the body. Its number is its place in the append.</summary>
internal abstract class LogEvent
{
    public abstract DateTimeOffset At { get; }

    public abstract string Kind { get; }

    public abstract string? Agent { get; }

    public abstract string? Action { get; }

    public abstract bool Ok { get; }

    /// <summary>Key under which a retry finds this event again.</summary>
    public abstract string? RequestKey { get; }

    /// <summary>The event as UTF-8 JSON.</summary>
    public abstract ReadOnlyMemory<byte> Body { get; }

    /// <summary>The events that it followed from, each earlier than itself.</summary>
    public abstract ImmutableArray<long> CauseSeqs { get; }

    /// <summary>
    /// Keys to index for history: messages and deletions only. Every other write names the event before it, so history is a
    /// walk from the live entry and costs the hot path nothing.
    /// </summary>
    public abstract ImmutableArray<(string Scope, string Key)> Indexed { get; }
}

/// <summary>A snapshot read back.</summary>
internal sealed record SnapshotRow(long Seq, byte[] Body);

/// <summary>Some events of the log, and whether there are more of what was asked for.</summary>
internal sealed record EventPage(IReadOnlyList<EventRow> Rows, bool More);
