using Microsoft.Data.Sqlite;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>A piece of relational work for the writer thread; runs in a transaction of its own.</summary>
internal abstract class WriteWork
{
    /// <summary>On the writer thread. Throws what the work throws; the writer then rolls back and calls <see cref="Fail"/>.</summary>
    public abstract void Run(WriteSession session);

    /// <summary>After COMMIT.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception cause);

    /// <summary>Whether the caller has gone before the work began.</summary>
    public abstract bool IsCancelled { get; }
}

/// <inheritdoc/>
internal sealed class WriteWork<T>(Func<WriteSession, T> work, CancellationToken cancellationToken) : WriteWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _done.Task;

    public override bool IsCancelled => cancellationToken.IsCancellationRequested;

    public override void Run(WriteSession session) => _result = work(session);

    // Run has set the result before the writer commits.
    public override void Complete() => _done.SetResult(_result!);

    public override void Fail(Exception cause)
    {
        if (cause is OperationCanceledException)
        {
            _done.SetCanceled(cancellationToken);
        }
        else
        {
            _done.SetException(cause);
        }
    }
}

/// <summary>The session of a piece of work: the writer's connection inside an open transaction, as a context or plainly.</summary>
internal sealed class WriteSession(SqliteConnection connection, SqliteTransaction transaction) : IDisposable
{
    private SyncDbContext? _context;

    public SqliteConnection Connection { get; } = connection;

    /// <summary>A context in the transaction, made at first use; its changes are saved before COMMIT.</summary>
    public SyncDbContext Context
    {
        get
        {
            if (_context is null)
            {
                _context = DatabaseFile.OpenContext(Connection);
                Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.UseTransaction(_context.Database, transaction);
            }

            return _context;
        }
    }

    public void Save() => _context?.SaveChanges();

    /// <summary>Runs one statement with parameters <c>$1</c>, <c>$2</c> …; null is NULL. Answers the number of rows changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters.AddWithValue($"${index + 1}", values[index] ?? DBNull.Value);
        }

        return command.ExecuteNonQuery();
    }

    public void Dispose() => _context?.Dispose();
}
