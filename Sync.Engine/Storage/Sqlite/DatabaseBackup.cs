using Microsoft.Data.Sqlite;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Files;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Copies the database with <c>VACUUM INTO</c>: as of one moment, compact, without what was deleted, and without holding up the writer. The
/// copy gets its name only after it has passed its check and is on disk.
/// </summary>
internal static class DatabaseBackup
{
    public static Task<Outcome<long>> RunAsync(DatabaseFile file, string path, CancellationToken cancellationToken)
    {
        var target = Path.GetFullPath(path);
        var partial = target + ".partial";
        if (Refusal(target) is { } refusal)
        {
            return Task.FromResult<Outcome<long>>(refusal);
        }

        File.Delete(partial);
        try
        {
            // Made beforehand, so that nobody else can read what comes into it. SQLite accepts an empty file.
            Create(partial);
            Copy(file, partial);
            cancellationToken.ThrowIfCancellationRequested();
            if (Verify(partial) is { } problem)
            {
                return Task.FromResult<Outcome<long>>(
                    new SyncError(ErrorCode.Unavailable, $"The copy failed its check and was removed: {problem}") { Hint = "Check the database and the disk." });
            }

            var size = Flush(partial);
            File.Move(partial, target, overwrite: false);
            return Task.FromResult<Outcome<long>>(size);
        }
        catch (Exception failure) when (NoSpace(failure, target) is { } refused)
        {
            return Task.FromResult<Outcome<long>>(refused);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static SyncError? Refusal(string target)
    {
        if (File.Exists(target) || Directory.Exists(target))
        {
            return new SyncError(ErrorCode.InvalidParameter, $"{target} exists already and is not overwritten.") { Hint = "Name a file that does not exist." };
        }

        return Directory.Exists(Path.GetDirectoryName(target))
            ? null
            : new SyncError(ErrorCode.InvalidParameter, $"The folder of {target} does not exist.") { Hint = "Create the folder first." };
    }

    /// <summary>The refusal when a failure means that the target is full. The copy is all that <c>VACUUM INTO</c> writes: the database itself is as healthy as before.</summary>
    internal static SyncError? NoSpace(Exception failure, string target) => !IsNoSpace(failure) ? null :
        new SyncError(ErrorCode.Unavailable, $"There is not enough space for the copy in {Path.GetDirectoryName(target)}; the part that was written has been removed.")
        {
            Hint = "Free space there, or name a file on another disk. The server's own folder is not concerned.",
        };

    // ENOSPC and EDQUOT on Linux, ERROR_DISK_FULL on Windows.
    private static bool IsNoSpace(Exception failure) =>
        failure is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL } || (failure is IOException && (failure.HResult & 0xffff) is 28 or 122 or 112);

    private static void Create(string path)
    {
        using var created = new FileStream(path, OwnerOnly.File(FileMode.CreateNew, FileAccess.Write, FileShare.Read));
    }

    private static void Copy(DatabaseFile file, string path)
    {
        using var connection = file.OpenInspector();
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $1";
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("$1", path);
        command.ExecuteNonQuery();
    }

    private static string? Verify(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        return DatabaseCheck.Integrity(connection).FirstOrDefault();
    }

    private static long Flush(string path)
    {
        using var written = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        written.Flush(flushToDisk: true);
        return written.Length;
    }
}
