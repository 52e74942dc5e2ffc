using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Sync.Engine.Primitives.Files;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>Brings the schema up to date, by one process at a time.</summary>
internal static class DatabaseMigration
{
    private const string LockFileName = "migrate.lock";

    public static async Task RunAsync(DatabaseFile file, CancellationToken cancellationToken)
    {
        var connection = file.OpenWriter();
        await using var disposeConnection = connection.ConfigureAwait(false);
        if (!IsPending(connection))
        {
            return;
        }

        var folderLock = await LockAsync(Path.Combine(file.Directory, LockFileName), cancellationToken).ConfigureAwait(false);
        await using var disposeLock = folderLock.ConfigureAwait(false);
        if (!IsPending(connection))
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

        var context = DatabaseFile.OpenContext(connection);
        await using var disposeContext = context.ConfigureAwait(false);
        await context.Database.MigrateAsync(cancellationToken).ConfigureAwait(false);
    }

    // Asked in plain SQL: building EF Core's model takes longer than everything else of a start together, and nearly every start finds nothing to do.
    private static bool IsPending(SqliteConnection connection)
    {
        var known = typeof(DatabaseMigration).Assembly.GetTypes()
            .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id)
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        var applied = Applied(connection);
        var foreign = applied.Find(migration => !known.Contains(migration));
        return foreign is null
            ? applied.Count < known.Count
            : throw new InvalidDataException(
                $"The database was written by a newer version of Sync (schema {foreign}). Run that version, or restore a backup made before it.");
    }

    private static List<string> Applied(SqliteConnection connection)
    {
        var applied = new List<string>();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = '__EFMigrationsHistory'";
        if ((long)command.ExecuteScalar()! == 0)
        {
            return applied;
        }

        command.CommandText = "SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId";
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            applied.Add(row.GetString(0));
        }

        return applied;
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, OwnerOnly.File(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process is migrating; the wait is real time between processes, so no TimeProvider.
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
