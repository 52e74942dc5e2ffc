using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sync.Engine.Primitives.Health;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log back into the database on a connection and a loop of its own, so that no commit pays for it.
/// <para>The connection is used under <see cref="_turn"/> only. PASSIVE never waits for readers or the writer.</para>
/// </summary>
internal sealed partial class Checkpointer : IAsyncDisposable
{
    private const long BytesBetween = 8 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _due = new(initialCount: 0);
    private readonly SemaphoreSlim _turn = new(initialCount: 1);
    private readonly BackgroundLoop _loop;
    private long _notedBytes;

    public Checkpointer(SqliteConnection connection, TimeProvider time, ILogger logger, HealthRegistry health)
    {
        _connection = connection;
        _logger = logger;
        _loop = BackgroundLoop.Start(
            new BackgroundLoopOptions { Name = "checkpoints", Every = null, Time = time, Logger = logger, Health = health },
            RunDueAsync);
    }

    /// <summary>For the writer thread: how many bytes the log has written so far. Starts a checkpoint when that is due.</summary>
    public void Note(long bytes)
    {
        if (bytes - _notedBytes >= BytesBetween)
        {
            _notedBytes = bytes;
            if (_due.CurrentCount == 0)
            {
                _due.Release();
            }
        }
    }

    /// <summary>
    /// Copies everything back and empties the write-ahead log, so that what was deleted is gone from it too. Gives up quietly after
    /// half a second when readers hold on to it: a later checkpoint does the same.
    /// </summary>
    public async Task TruncateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CheckpointAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException failure)
        {
            LogFailed(failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _due.Dispose();
        _turn.Dispose();
    }

    private async Task RunDueAsync(CancellationToken stop)
    {
        await _due.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            await CheckpointAsync("PRAGMA wal_checkpoint(PASSIVE)", stop).ConfigureAwait(false);
        }
        catch
        {
            // It is still due when the loop has rested.
            _due.Release();
            throw;
        }
    }

    private async Task CheckpointAsync(string pragma, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = pragma;
            command.ExecuteNonQuery();
        }
        finally
        {
            _turn.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A checkpoint of the database failed; the next one will try again.")]
    private partial void LogFailed(Exception failure);
}
