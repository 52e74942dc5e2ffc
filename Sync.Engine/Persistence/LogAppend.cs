using System.Collections.Immutable;

namespace Sync.Engine.Persistence;

/// <summary>One event on its way to disk.</summary>
internal sealed class LogAppend
{
    public required LogStream Stream { get; init; }

    /// <summary>The stream's epoch when the event was computed; the log refuses an epoch that has already failed.</summary>
    public required int Epoch { get; init; }

    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Kind { get; init; }

    public string? Agent { get; init; }

    public string? Action { get; init; }

    public required bool Ok { get; init; }

    /// <summary>
    /// Whether a place in the queue was waited for. A room's own events (timers, folded refusals) take none: nobody could wait for it, and they are few.
    /// </summary>
    public bool Admitted { get; init; } = true;

    /// <summary>Key under which a retry finds this event again; unique within the room when present.</summary>
    public string? RequestKey { get; init; }

    /// <summary>The event as UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// Keys to index for history: messages and deletions only. Every other write names the event before it, so history is a
    /// walk from the live entry and costs the hot path nothing.
    /// </summary>
    public ImmutableArray<(string Scope, string Key)> Indexed { get; init; } = [];
}

/// <summary>A room's line into the log. The room owns it; the log marks it when a write fails.</summary>
internal sealed class LogStream(long roomRow, ILogSink sink)
{
    public long RoomRow { get; } = roomRow;

    public ILogSink Sink { get; } = sink;

    /// <summary>The highest epoch that failed. Written and read by the log's thread only.</summary>
    public int FailedEpoch { get; set; } = -1;

    /// <summary>The stream's share of the batch being written, in order. Written and read by the log's thread only.</summary>
    public List<LogAppend>? Batch { get; set; }
}

/// <summary>Told by the log's thread what became of appends; must be quick and must not throw.</summary>
internal interface ILogSink
{
    /// <summary>These appends, in seq order, are on disk.</summary>
    void Durable(IReadOnlyList<LogAppend> appends);

    /// <summary>Every append of this epoch that was not reported durable is lost; nothing of it is on disk.</summary>
    void Failed(int epoch, Exception cause);
}

/// <summary>An event read back.</summary>
internal sealed record EventRow(long Seq, DateTimeOffset At, string Kind, string? Agent, string? Action, bool Ok, byte[] Body);

/// <summary>A snapshot read back.</summary>
internal sealed record SnapshotRow(long Seq, byte[] Body);

/// <summary>Some events of the log, and whether there are more of what was asked for.</summary>
internal sealed record EventPage(IReadOnlyList<EventRow> Rows, bool More);
