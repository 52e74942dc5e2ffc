namespace Sync.Engine.Storage;

/// <summary>
/// The log of rooms, as their writers see it.
/// <list type="bullet">
/// <item>A room's log has one writer at a time: the one that acquired the newest epoch. The store checks epoch and expected seq in the transaction of the insert, so a writer that another
/// one has replaced writes nothing more, whoever else believes in it.</item>
/// <item>An append is stored whole or not at all. Its events get the numbers after the expected seq.</item>
/// <item>A writer may send an append before the one before it is answered; whatever follows a failed append is a <see cref="AppendStatus.Conflict"/>, so a log has no holes.</item>
/// <item>Whoever is to append reserves a place per event first where somebody can wait for it: that, and nothing else, bounds what lies in memory. A place is released when its append is answered.</item>
/// </list>
/// </summary>
internal interface IRoomLog
{
    /// <summary>Makes the caller the room's writer: earlier epochs are fenced from here on, durably.</summary>
    /// <returns>The new epoch and where the log stands; null when the room is gone.</returns>
    /// <exception cref="Exception">The store cannot write.</exception>
    Task<LogPosition?> AcquireAsync(long room, CancellationToken cancellationToken);

    /// <summary>
    /// Appends events after <paramref name="expectedSeq"/> and completes when they are durable or never will be. Never throws. What awaits it may continue on the log's thread: be quick, or leave it.
    /// The list is not changed until then.
    /// </summary>
    ValueTask<AppendResult> AppendAsync(long room, long epoch, long expectedSeq, IReadOnlyList<LogEvent> events);

    /// <summary>Waits for a place for one event. Completes synchronously, without allocating, while there is room. False when the log is closed.</summary>
    ValueTask<bool> ReserveAsync(CancellationToken cancellationToken);

    /// <summary>Takes a place if there is one at once. False also when the log is closed.</summary>
    bool TryReserve();

    /// <summary>Gives places back.</summary>
    void Release(int places);
}

/// <summary>Where a room's log stands.</summary>
/// <param name="Epoch">The epoch of its writer; grows with every writer.</param>
/// <param name="Seq">Its newest event; 0 for an empty log.</param>
internal readonly record struct LogPosition(long Epoch, long Seq);

/// <summary>The outcome of an append.</summary>
internal enum AppendStatus
{
    /// <summary>Its events are durable.</summary>
    Committed,

    /// <summary>Another writer has the room, or the room is gone. The epoch will never write again.</summary>
    Fenced,

    /// <summary>The log does not end where the append begins.</summary>
    Conflict,

    /// <summary>The store could not write; nothing of it is there.</summary>
    Failed,
}

/// <summary>The answer to an append.</summary>
/// <param name="Status">What has become of it.</param>
/// <param name="Cause">Why it failed, where the store said so.</param>
internal readonly record struct AppendResult(AppendStatus Status, Exception? Cause = null);
