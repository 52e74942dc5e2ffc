using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// The log of all rooms on SQLite: takes appends without ever blocking, writes what is there as one transaction (group commit), and answers each once the disk has it.
/// <para>Invariants:
/// appends are written in the order in which they came. Epoch and expected seq of each are checked in the transaction that inserts it.
/// An append is answered exactly once, after COMMIT or when it is given up, on the writer thread and outside all locks of the log.
/// A batch that fails is tried again append by append, so that what is wrong with one room takes no other with it.</para>
/// </summary>
internal sealed partial class EventLog(WriteQueue queue, DiskHealth disk, ILogger logger) : IRoomLog
{
    /// <summary>Places for events that are not durable yet, all rooms together.</summary>
    public const int Capacity = 8_192;

    // Events in a transaction, unless one append has more.
    private const int MaxBatch = 512;

    // As many as ever wait at once, nearly always; more are made anew.
    private const int MaxSpare = 256;

    private readonly SemaphoreSlim _places = new(Capacity);
    private readonly ConcurrentQueue<LogAppend> _spare = new();
    private volatile bool _closed;

    /// <summary>
    /// For tests: called on the writer thread between the last INSERT and COMMIT with the events of the transaction and their rooms. It may block
    /// (a slow disk) or throw (a failing one).
    /// </summary>
    internal Action<IReadOnlyList<(long Room, LogEvent Event)>>? BeforeCommit { get; set; }

    /// <summary>Bytes of event bodies made durable so far; written by the writer thread only.</summary>
    internal long DurableBytes { get; private set; }

    public Task<LogPosition?> AcquireAsync(long room, CancellationToken cancellationToken)
    {
        var work = new WriteWork<LogPosition?>(
            session => session.Execute("UPDATE rooms SET epoch = epoch + 1 WHERE row = $1 AND deleted_ms IS NULL", room) == 0
                ? null
                : session.First<LogPosition?>(LogStatements.PositionSql, static row => new LogPosition(row.GetInt64(0), row.GetInt64(1)), room),
            cancellationToken);
        return queue.TryPut(work) ? work.Task : Task.FromException<LogPosition?>(Closed());
    }

    public ValueTask<AppendResult> AppendAsync(long room, long epoch, long expectedSeq, IReadOnlyList<LogEvent> events)
    {
        var append = _spare.TryDequeue(out var spare) ? spare : new LogAppend(this);
        var answer = append.Begin(room, epoch, expectedSeq, events);
        if (!queue.TryPut(append))
        {
            append.Answer(new AppendResult(AppendStatus.Failed, Closed()));
        }

        return answer;
    }

    public ValueTask<bool> ReserveAsync(CancellationToken cancellationToken)
    {
        if (_closed)
        {
            return new(false);
        }

        var place = _places.WaitAsync(cancellationToken);
        return place.IsCompletedSuccessfully ? new(Reserved()) : WaitAsync(place);
    }

    public bool TryReserve() => !_closed && _places.Wait(0);

    public void Release(int places)
    {
        if (places > 0)
        {
            _places.Release(places);
        }
    }

    /// <summary>Reserves nothing from now on.</summary>
    internal void Close() => _closed = true;

    /// <summary>Takes back an append whose answer was taken.</summary>
    internal void Return(LogAppend append)
    {
        if (_spare.Count < MaxSpare)
        {
            _spare.Enqueue(append);
        }
    }

    /// <summary>For the writer thread: writes these appends, about 512 events a transaction.</summary>
    internal void Write(LogStatements statements, List<LogAppend> appends, Action between)
    {
        var all = CollectionsMarshal.AsSpan(appends);
        while (all.Length > 0)
        {
            var batch = all[..BatchLength(all)];
            all = all[batch.Length..];
            WriteBatch(statements, batch);
            if (all.Length > 0)
            {
                between();
            }
        }
    }

    private static int BatchLength(ReadOnlySpan<LogAppend> appends)
    {
        var events = 0;
        for (var length = 0; length < appends.Length; length++)
        {
            events += appends[length].Events.Count;
            if (events > MaxBatch && length > 0)
            {
                return length;
            }
        }

        return appends.Length;
    }

    private async ValueTask<bool> WaitAsync(Task place)
    {
        await place.ConfigureAwait(false);
        return Reserved();
    }

    private bool Reserved()
    {
        if (_closed)
        {
            _places.Release();
            return false;
        }

        return true;
    }

    private void WriteBatch(LogStatements statements, ReadOnlySpan<LogAppend> batch)
    {
        var failure = TryCommit(statements, batch, out var begun);
        if (failure is null)
        {
            foreach (var append in batch)
            {
                Answer(append, new AppendResult(append.Status));
            }

            return;
        }

        LogBatchFailed(failure, batch.Length);
        for (var index = 0; index < batch.Length; index++)
        {
            // One room's bad append must not take the others down: each gets a transaction of its own before it is given up.
            // When not even BEGIN worked, the cause lies in no room.
            var append = batch[index];
            var cause = begun ? TryCommit(statements, batch.Slice(index, 1), out _) : failure;
            if (cause is not null)
            {
                LogAppendFailed(cause, append.Room, append.ExpectedSeq);
            }

            Answer(append, cause is null ? new AppendResult(append.Status) : new AppendResult(AppendStatus.Failed, cause));
        }
    }

    private Exception? TryCommit(LogStatements statements, ReadOnlySpan<LogAppend> appends, out bool begun)
    {
        begun = false;
        try
        {
            statements.Begin();
            begun = true;
            foreach (var append in appends)
            {
                append.Status = Check(statements, append);
                if (append.Status == AppendStatus.Committed)
                {
                    Insert(statements, append);
                }
            }

            BeforeCommit?.Invoke([.. appends.ToArray().SelectMany(static append => append.Events.Select(e => (append.Room, e)))]);
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

    private static AppendStatus Check(LogStatements statements, LogAppend append)
    {
        if (statements.PositionOf(append.Room) is not { } position || position.Epoch != append.Epoch)
        {
            return AppendStatus.Fenced;
        }

        return position.Seq == append.ExpectedSeq ? AppendStatus.Committed : AppendStatus.Conflict;
    }

    private static void Insert(LogStatements statements, LogAppend append)
    {
        for (var index = 0; index < append.Events.Count; index++)
        {
            statements.Insert(append.Room, append.ExpectedSeq + index + 1, append.Events[index]);
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

    private void Answer(LogAppend append, AppendResult result)
    {
        var room = append.Room;
        if (result.Status == AppendStatus.Committed)
        {
            for (var index = 0; index < append.Events.Count; index++)
            {
                DurableBytes += append.Events[index].Body.Length;
            }
        }

        try
        {
            append.Answer(result);
        }
        catch (Exception bug)
        {
            LogWriterThrew(bug, room);
        }
    }

    private static ObjectDisposedException Closed() => new(nameof(EventLog), "The log is closed.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of the log with {Appends} appends failed; each is tried again by itself.")]
    private partial void LogBatchFailed(Exception cause, int appends);

    [LoggerMessage(Level = LogLevel.Error, Message = "Events of room row {Room} after event {Seq} could not be written.")]
    private partial void LogAppendFailed(Exception cause, long room, long seq);

    [LoggerMessage(Level = LogLevel.Error, Message = "A transaction of the log could not be rolled back.")]
    private partial void LogRollbackFailed(Exception cause);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The writer of room row {Room} threw when told about its events.")]
    private partial void LogWriterThrew(Exception bug, long room);
}
