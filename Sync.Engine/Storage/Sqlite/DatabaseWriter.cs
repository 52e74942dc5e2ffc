using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// The one thread that writes. It owns the one writing connection: log batches and relational work take turns on it, each in a
/// transaction of its own, so inside the process nobody ever waits for a database lock.
/// <para>Invariants: the connection and the statements are touched by the thread alone once it runs. The thread ends only when the queue
/// is closed and empty, so everything accepted is written or reported as failed. Nothing that happens to one batch or one
/// piece of work ends the thread.</para>
/// </summary>
internal sealed partial class DatabaseWriter
{
    // Between two log batches; the log is the hot path.
    private const int MaxWork = 8;

    private readonly WriteQueue _queue;
    private readonly EventLog _log;
    private readonly Checkpointer _checkpointer;
    private readonly DiskHealth _disk;
    private readonly SqliteConnection _connection;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<WriteWork> _work = [];

    public DatabaseWriter(SqliteConnection connection, WriteQueue queue, EventLog log, Checkpointer checkpointer, DiskHealth disk, ILogger logger)
    {
        _connection = connection;
        _queue = queue;
        _log = log;
        _checkpointer = checkpointer;
        _disk = disk;
        _logger = logger;
        new Thread(Run) { Name = "sync-writer", IsBackground = true }.Start();
    }

    /// <summary>Completes when the queue was closed and everything in it is written; the connection is closed then.</summary>
    public Task Ended => _ended.Task;

    private void Run()
    {
        try
        {
            using var statements = new LogStatements(_connection);
            List<LogAppend> appends = [];
            while (_queue.Take(ref appends, _work, MaxWork))
            {
                _log.Write(statements, appends, between: RunWork);
                appends.Clear();
                RunWork();
                _checkpointer.Note(_log.DurableBytes);
            }
        }
        catch (Exception bug)
        {
            // Unreachable by design; were it reached, a silent end would leave every caller waiting.
            LogEnded(bug);
            Environment.FailFast("The writer thread ended.", bug);
        }

        _connection.Dispose();
        _ended.SetResult();
    }

    private void RunWork()
    {
        foreach (var work in _work)
        {
            RunOne(work);
        }

        _work.Clear();
    }

    private void RunOne(WriteWork work)
    {
        if (work.IsCancelled)
        {
            work.Fail(new OperationCanceledException());
            return;
        }

        try
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            using var session = new WriteSession(_connection, transaction);
            work.Run(session);
            session.Save();
            transaction.Commit();
        }
        catch (Exception failure)
        {
            // Disposing the transaction has rolled back; the caller decides what the failure means.
            _disk.Failed(failure);
            work.Fail(failure);
            return;
        }

        work.Complete();
    }

    [SuppressMessage("Performance", "CA1823", Justification = "Read by generated code.")]
    [LoggerMessage(Level = LogLevel.Critical, Message = "The writer thread ended.")]
    private partial void LogEnded(Exception bug);
}
