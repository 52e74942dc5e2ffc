using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Sync.Engine.Persistence;

/// <summary>
/// The log of all rooms: takes appends without ever blocking, writes what is there as one transaction (group commit), and tells each
/// room once the disk has it.
/// <para>Invariants:
/// every <see cref="Append"/> of an <see cref="LogAppend.Admitted"/> event is preceded by exactly one successful <see cref="AdmitAsync"/> or <see cref="TryAdmit"/>,
/// and an admission that leads to no append is given back with <see cref="Forgo"/>: that, and nothing else, bounds the queue.
/// A stream's appends reach the disk, and its sink, in the order of the calls to <see cref="Append"/>; the room's lock orders those.
/// A sink hears of an append at most once, as durable, and only after COMMIT.
/// After a failure nothing of the failed epoch is written any more, so a stream has no holes.
/// Sinks are called on the writer thread, outside all locks of the log.</para>
/// </summary>
internal sealed partial class EventLog(WriteQueue queue, DiskHealth disk, ILogger logger)
{
    /// <summary>Appends admitted and not yet durable, all rooms together.</summary>
    public const int Capacity = 8_192;

    private const int MaxBatch = 512;

    private readonly SemaphoreSlim _space = new(Capacity);
    private readonly List<LogStream> _streams = [];
    private volatile bool _closed;

    /// <summary>
    /// For tests: called on the writer thread between the last INSERT and COMMIT with the appends of the transaction. It may block
    /// (a slow disk) or throw (a failing one).
    /// </summary>
    internal Action<IReadOnlyList<LogAppend>>? BeforeCommit { get; set; }

    /// <summary>Bytes of event bodies made durable so far; written by the writer thread only.</summary>
    internal long DurableBytes { get; private set; }

    /// <summary>
    /// Waits until the log has room for one more append; call it outside the room's lock. Completes synchronously, without
    /// allocating, while there is room. False when the log is closed.
    /// </summary>
    public ValueTask<bool> AdmitAsync(CancellationToken cancellationToken)
    {
        if (_closed)
        {
            return new(false);
        }

        var space = _space.WaitAsync(cancellationToken);
        return space.IsCompletedSuccessfully ? new(Admitted()) : WaitAsync(space);
    }

    /// <summary>Takes an admission if there is one at once. False also when the log is closed.</summary>
    public bool TryAdmit() => !_closed && _space.Wait(0);

    /// <summary>Gives back an admission that led to no append.</summary>
    public void Forgo() => _space.Release();

    /// <summary>Puts one event into the queue, which takes over the admission. Never blocks; keep the room's lock around it.</summary>
    public void Append(LogAppend append)
    {
        if (!queue.TryPut(append))
        {
            // Closed in between. The caller holds its room's lock, so its sink must not be called from here.
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Log.Refuse(state.Append), (Log: this, Append: append), preferLocal: false);
        }
    }

    /// <summary>Admits nothing from now on.</summary>
    internal void Close() => _closed = true;

    /// <summary>For the writer thread: writes these appends, up to 512 a transaction.</summary>
    internal void Write(LogStatements statements, List<LogAppend> appends, Action between)
    {
        var all = CollectionsMarshal.AsSpan(appends);
        while (all.Length > 0)
        {
            var batch = all[..Math.Min(MaxBatch, all.Length)];
            all = all[batch.Length..];
            WriteBatch(statements, batch);
            ReleaseAdmitted(batch);
            if (all.Length > 0)
            {
                between();
            }
        }
    }

    private void ReleaseAdmitted(ReadOnlySpan<LogAppend> batch)
    {
        var admitted = 0;
        foreach (var append in batch)
        {
            admitted += append.Admitted ? 1 : 0;
        }

        if (admitted > 0)
        {
            _space.Release(admitted);
        }
    }

    private async ValueTask<bool> WaitAsync(Task space)
    {
        await space.ConfigureAwait(false);
        return Admitted();
    }

    private bool Admitted()
    {
        if (_closed)
        {
            _space.Release();
            return false;
        }

        return true;
    }

    private void WriteBatch(LogStatements statements, ReadOnlySpan<LogAppend> batch)
    {
        foreach (var append in batch)
        {
            var stream = append.Stream;
            if (append.Epoch <= stream.FailedEpoch)
            {
                continue;
            }

            if (stream.Batch is null)
            {
                stream.Batch = [];
                _streams.Add(stream);
            }

            stream.Batch.Add(append);
        }

        if (_streams.Count > 0)
        {
            WriteStreams(statements);
            foreach (var stream in _streams)
            {
                stream.Batch = null;
            }

            _streams.Clear();
        }
    }

    private void WriteStreams(LogStatements statements)
    {
        var streams = CollectionsMarshal.AsSpan(_streams);
        var failure = TryCommit(statements, streams, out var begun);
        if (failure is null)
        {
            foreach (var stream in streams)
            {
                TellDurable(stream);
            }

            return;
        }

        LogBatchFailed(failure, streams.Length);
        for (var index = 0; index < streams.Length; index++)
        {
            // One room's bad append must not take the others down: each gets a transaction of its own before it is given up.
            // When not even BEGIN worked, the cause lies in no room.
            var cause = begun ? TryCommit(statements, streams.Slice(index, 1), out _) : failure;
            if (cause is null)
            {
                TellDurable(streams[index]);
            }
            else
            {
                TellFailed(streams[index], cause);
            }
        }
    }

    private Exception? TryCommit(LogStatements statements, ReadOnlySpan<LogStream> streams, out bool begun)
    {
        begun = false;
        try
        {
            statements.Begin();
            begun = true;
            foreach (var stream in streams)
            {
                foreach (var append in BatchOf(stream))
                {
                    statements.Insert(append);
                }
            }

            BeforeCommit?.Invoke([.. streams.ToArray().SelectMany(BatchOf)]);
            statements.Commit();
            return null;
        }
        catch (Exception failure)
        {
            // Whatever it was, the transaction must end here and the rooms must hear of it: this is the edge of the writer thread.
            disk.Failed(failure);
            return RollBack(statements) ?? failure;
        }
    }

    private Exception? RollBack(LogStatements statements)
    {
        try
        {
            statements.Rollback();
            return null;
        }
        catch (Exception failure)
        {
            LogRollbackFailed(failure);
            return failure;
        }
    }

    private void TellDurable(LogStream stream)
    {
        var batch = BatchOf(stream);
        foreach (var append in batch)
        {
            DurableBytes += append.Body.Length;
        }

        try
        {
            stream.Sink.Durable(batch);
        }
        catch (Exception bug)
        {
            LogSinkThrew(bug, stream.RoomRow);
        }
    }

    private void TellFailed(LogStream stream, Exception cause)
    {
        var epoch = BatchOf(stream)[^1].Epoch;
        stream.FailedEpoch = epoch;
        LogStreamFailed(cause, stream.RoomRow, epoch);
        TellSinkFailed(stream, epoch, cause);
    }

    private void TellSinkFailed(LogStream stream, int epoch, Exception cause)
    {
        try
        {
            stream.Sink.Failed(epoch, cause);
        }
        catch (Exception bug)
        {
            LogSinkThrew(bug, stream.RoomRow);
        }
    }

    private void Refuse(LogAppend append)
    {
        TellSinkFailed(append.Stream, append.Epoch, new ObjectDisposedException(nameof(EventLog), "The log is closed."));
        ReleaseAdmitted([append]);
    }

    // Streams in _streams have a batch: WriteBatch puts them there together.
    private static List<LogAppend> BatchOf(LogStream stream) => stream.Batch!;

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of the log with {Rooms} rooms failed; each room is tried again by itself.")]
    private partial void LogBatchFailed(Exception cause, int rooms);

    [LoggerMessage(Level = LogLevel.Error, Message = "Events of room row {Room} could not be written; epoch {Epoch} is lost.")]
    private partial void LogStreamFailed(Exception cause, long room, int epoch);

    [LoggerMessage(Level = LogLevel.Error, Message = "A transaction of the log could not be rolled back.")]
    private partial void LogRollbackFailed(Exception cause);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Room row {Room} threw when told about its events.")]
    private partial void LogSinkThrew(Exception bug, long room);
}
