namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>presence</c>: what is known of an agent outside the log.</summary>
internal sealed class StoredPresence
{
    public required long Room { get; init; }

    public required string Agent { get; init; }

    public long? LastHeartbeatMs { get; init; }

    public string? Status { get; init; }

    public required long CursorSeq { get; init; }

    public required long CursorOwn { get; init; }

    public required long CursorDirected { get; init; }
}
