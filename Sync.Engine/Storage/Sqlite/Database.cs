using Microsoft.Extensions.Logging;
using Sync.Engine.Primitives.Files;
using Sync.Engine.Primitives.Health;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// One SQLite file and everything that may touch it.
/// <para>Invariants: one connection writes, on one thread (<see cref="DatabaseWriter"/>); any number of read-only connections read
/// beside it. A second process may open the same folder, to mint a token or to look: it waits its turn in SQLite's busy handler.
/// Who serves rooms holds the folder's <c>DataDirectoryLock</c> besides. Dispose writes what was accepted, then closes.</para>
/// </summary>
internal sealed partial class Database : IAsyncDisposable
{
    private readonly DatabaseFile _file;
    private readonly WriteQueue _queue;
    private readonly DatabaseWriter _writer;
    private readonly Checkpointer _checkpointer;
    private readonly ReaderPool _readers;
    private int _disposed;

    private Database(DatabaseFile file, ILogger logger, TimeProvider time)
    {
        _file = file;
        _queue = new WriteQueue();
        _readers = new ReaderPool(file);
        Health = new HealthRegistry(time);
        _checkpointer = new Checkpointer(file.OpenCheckpointer(), time, logger, Health);
        Disk = new DiskHealth(Health, file.Directory, time, logger);
        Log = new EventLog(_queue, Disk, logger);
        _writer = new DatabaseWriter(file.OpenWriter(), _queue, Log, _checkpointer, Disk, logger);
        Search = new SearchIndex(file.Directory, Health, logger);
        Rooms = new RoomStore(this, time);
        Access = new AccessStore(this);
        Users = new UserStore(this);
        Invitations = new InvitationStore(this);
        PasskeyLinks = new PasskeyLinkStore(this);
        Webhooks = new WebhookStore(this);
        Grants = new GrantStore(this);
        Clients = new ClientStore(this);
    }

    /// <summary>The folder, as a full path.</summary>
    public string Directory => _file.Directory;

    public DatabaseFile File => _file;

    /// <summary>What the parts that work on this database report of themselves.</summary>
    public HealthRegistry Health { get; }

    /// <summary>Whether the disk takes writes.</summary>
    public DiskHealth Disk { get; }

    public EventLog Log { get; }

    /// <summary>Which events have which words.</summary>
    public SearchIndex Search { get; }

    public RoomStore Rooms { get; }

    public AccessStore Access { get; }

    public UserStore Users { get; }

    public InvitationStore Invitations { get; }

    public PasskeyLinkStore PasskeyLinks { get; }

    public WebhookStore Webhooks { get; }

    public GrantStore Grants { get; }

    public ClientStore Clients { get; }

    /// <summary>Opens the database of a folder; creates and migrates it if need be, and finishes deletions that were cut short.</summary>
    /// <exception cref="InvalidDataException">A newer version of the program has written it.</exception>
    public static async Task<Database> OpenAsync(string directory, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var file = new DatabaseFile(directory);
        OwnerOnly.CreateFolder(file.Directory);
        if (OwnerOnly.Tighten(file.Directory) is > 0 and var open)
        {
            LogTightened(logger, file.Directory, open);
        }

        await DatabaseMigration.RunAsync(file, cancellationToken).ConfigureAwait(false);
        var database = new Database(file, logger, time);
        try
        {
            await database.Rooms.FinishDeletionsAsync(cancellationToken).ConfigureAwait(false);
            return database;
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Runs work on the writer thread in a transaction of its own and completes after COMMIT. The work is synchronous, short, and calls
    /// nothing but the context, whose changes are saved for it. When it throws, everything is rolled back and the task fails with
    /// its exception. Cancellation is heeded until the work begins.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<SyncDbContext, T> work, CancellationToken cancellationToken) =>
        ExecuteAsync(session => work(session.Context), cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<SyncDbContext> work, CancellationToken cancellationToken) =>
        ExecuteAsync(
            session =>
            {
                work(session.Context);
                return true;
            },
            cancellationToken);

    /// <summary>As <see cref="WriteAsync{T}"/>, for work in plain SQL.</summary>
    public Task<T> ExecuteAsync<T>(Func<WriteSession, T> work, CancellationToken cancellationToken)
    {
        var item = new WriteWork<T>(work, cancellationToken);
        return _queue.TryPut(item)
            ? item.Task
            : Task.FromException<T>(new ObjectDisposedException(nameof(Database), "The database is closed."));
    }

    /// <summary>Finds out whether the disk takes writes and reports it in <see cref="Health"/>; asked again within a few seconds it answers the same.</summary>
    public Task CheckDiskAsync() => Disk.CheckAsync(() => ExecuteAsync(
        static session =>
        {
            // The program gives the file's number no meaning. Writing the same number writes and syncs the page it stands on nevertheless.
            session.Execute("PRAGMA user_version = 0");
            return true;
        },
        CancellationToken.None));

    /// <inheritdoc cref="ReaderPool.ReadAsync"/>
    public Task<T> ReadAsync<T>(Func<Reader, T> read, CancellationToken cancellationToken) => _readers.ReadAsync(read, cancellationToken);

    /// <inheritdoc cref="Checkpointer.TruncateAsync"/>
    public Task TruncateWriteAheadLogAsync(CancellationToken cancellationToken) => _checkpointer.TruncateAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Log.Close();
        _queue.Close();
        await _writer.Ended.ConfigureAwait(false);
        _readers.Dispose();

        // Whoever closes last empties the write-ahead log; beside another process this does nothing.
        await _checkpointer.DisposeAsync().ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The data folder {Folder} was open to others: {Count} files and folders are now readable by their owner alone.")]
    private static partial void LogTightened(ILogger logger, string folder, int count);
}
