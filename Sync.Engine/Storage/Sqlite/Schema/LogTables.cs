using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Storage.Sqlite.Schema;

// The log, and what is written beside it for a room.

/// <summary>A row of <c>rooms</c>.</summary>
internal sealed class StoredRoom
{
    /// <summary>AUTOINCREMENT: a deleted room's number never comes back.</summary>
    public long Row { get; init; }

    public required string Id { get; init; }

    public string? Name { get; set; }

    public required JoinPolicy Join { get; set; }

    public required long CreatedMs { get; init; }

    /// <summary>The epoch of the room's writer; see <see cref="IRoomLog"/>. 0 until a room is first written to, and in rooms of before there were epochs.</summary>
    public long Epoch { get; init; }

    /// <summary>Set when deletion has begun: from then on the room does not exist, and what is left of it is being removed.</summary>
    public long? DeletedMs { get; set; }
}

/// <summary>A row of <c>events</c>, the log. Rows are inserted by the log's prepared statements only and never change.</summary>
internal sealed class StoredEvent
{
    public required long Id { get; init; }

    public required long Room { get; init; }

    public required long Seq { get; init; }

    public required long AtMs { get; init; }

    public required string Kind { get; init; }

    public string? Agent { get; init; }

    public string? Action { get; init; }

    public required bool Ok { get; init; }

    public string? RequestKey { get; init; }

    public required byte[] Body { get; init; }
}

/// <summary>A row of <c>event_keys</c>: which events touched a key, for the events that ask to be found that way.</summary>
internal sealed class StoredEventKey
{
    public required long Room { get; init; }

    public required string Scope { get; init; }

    public required string Key { get; init; }

    public required long Seq { get; init; }
}

/// <summary>A row of <c>event_causes</c>: which event followed from which. The events' bodies say it too; this is how it is found from the cause.</summary>
internal sealed class StoredEventCause
{
    public required long Room { get; init; }

    /// <summary>The earlier event.</summary>
    public required long Cause { get; init; }

    /// <summary>The later one.</summary>
    public required long Seq { get; init; }
}

/// <summary>A row of <c>snapshots</c>: a room's projection as it stood after event <see cref="Seq"/>.</summary>
internal sealed class StoredSnapshot
{
    public required long Room { get; init; }

    public required long Seq { get; init; }

    public required byte[] Body { get; init; }
}

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
