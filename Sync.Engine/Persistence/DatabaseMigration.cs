using Microsoft.EntityFrameworkCore;

namespace Sync.Engine.Persistence;

/// <summary>Brings the schema up to date, by one process at a time.</summary>
internal static class DatabaseMigration
{
    private const string LockFileName = "migrate.lock";

    public static async Task RunAsync(DatabaseFile file, CancellationToken cancellationToken)
    {
        var connection = file.OpenWriter();
        await using var disposeConnection = connection.ConfigureAwait(false);
        var context = DatabaseFile.OpenContext(connection);
        await using var disposeContext = context.ConfigureAwait(false);
        if (!await IsPendingAsync(context, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var folderLock = await LockAsync(Path.Combine(file.Directory, LockFileName), cancellationToken).ConfigureAwait(false);
        await using var disposeLock = folderLock.ConfigureAwait(false);
        if (!await IsPendingAsync(context, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        // EF Core keeps a lock row of its own, which outlives a process that is killed. The lock file does not, and whoever holds it
        // is alone, so a row found now is a dead one.
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "DROP TABLE IF EXISTS __EFMigrationsLock";
            command.ExecuteNonQuery();
        }

        await context.Database.MigrateAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<bool> IsPendingAsync(SyncDbContext context, CancellationToken cancellationToken)
    {
        var known = context.Database.GetMigrations().ToHashSet();
        var applied = (await context.Database.GetAppliedMigrationsAsync(cancellationToken).ConfigureAwait(false)).ToList();
        var foreign = applied.Find(migration => !known.Contains(migration));
        return foreign is null
            ? applied.Count < known.Count
            : throw new InvalidDataException(
                $"The database was written by a newer version of Sync (schema {foreign}). Run that version, or restore a backup made before it.");
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process is migrating; the wait is real time between processes, so no TimeProvider.
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
