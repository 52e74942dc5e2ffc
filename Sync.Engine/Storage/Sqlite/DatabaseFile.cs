using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Sync.Engine.Primitives.Files;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>The SQLite file of a data folder, and how its connections are set up.</summary>
internal sealed class DatabaseFile
{
    public const string FileName = "sync.db";

    // How long SQLite's own handler waits for a writer in another process (`token mint`, `import`). The driver's handler behind it
    // sleeps 150 ms at a time; it never gets to it.
    private const int BusyTimeoutMs = 15_000;

    // 64 MB: the log's thread copies pages back only when the background checkpoints cannot keep up.
    private const int AutoCheckpointPages = 16_384;

    public DatabaseFile(string directory)
    {
        Directory = System.IO.Path.GetFullPath(directory);
        Path = System.IO.Path.Combine(Directory, FileName);
    }

    public string Directory { get; }

    public string Path { get; }

    /// <summary>
    /// A connection that may write. What is deleted is overwritten with zeros (<c>secure_delete</c>): a deleted room leaves nothing
    /// behind, and the append-only log never pays for it.
    /// </summary>
    public SqliteConnection OpenWriter()
    {
        // SQLite gives its other files the mode of this one.
        File.Open(Path, OwnerOnly.File(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)).Dispose();
        return Open(
            SqliteOpenMode.ReadWriteCreate,
            $"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint={AutoCheckpointPages}; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-32768;");
    }

    /// <summary>The connection of the background checkpoints: it gives way quickly.</summary>
    public SqliteConnection OpenCheckpointer() => Open(SqliteOpenMode.ReadWrite, "PRAGMA synchronous=FULL; PRAGMA busy_timeout=500;");

    /// <summary>A read-only connection for long work: a backup, a check.</summary>
    public SqliteConnection OpenInspector() => Open(SqliteOpenMode.ReadOnly, "PRAGMA cache_size=-8192;");

    public SqliteConnection OpenReader() => Open(SqliteOpenMode.ReadOnly, "PRAGMA query_only=ON; PRAGMA cache_size=-8192; PRAGMA mmap_size=268435456;");

    /// <summary>A context over an open connection, which stays the caller's.</summary>
    public static SyncDbContext OpenContext(SqliteConnection connection) =>
        new(new DbContextOptionsBuilder<SyncDbContext>().UseSqlite(connection).Options);

    private SqliteConnection Open(SqliteOpenMode mode, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = mode, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout={BusyTimeoutMs}; {pragmas}";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
