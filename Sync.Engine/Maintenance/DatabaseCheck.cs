using Microsoft.Data.Sqlite;
using Sync.Engine.Persistence;

namespace Sync.Engine;

/// <summary>Examines a database: the file's structure, then what must hold of rooms, events, snapshots and tokens.</summary>
internal static class DatabaseCheck
{
    private const int MostOfAKind = 100;

    public static CheckReport Run(DatabaseFile file)
    {
        try
        {
            using var connection = file.OpenInspector();

            // One moment, so that a running server's writes are no gaps.
            using var moment = connection.BeginTransaction(deferred: true);
            var damage = Integrity(connection);
            return damage.Count > 0 ? new CheckReport(Rooms: 0, Events: 0, damage) : Content(connection);
        }
        catch (SqliteException failure)
        {
            return new CheckReport(Rooms: 0, Events: 0, [Unreadable(failure)]);
        }
    }

    /// <summary>What SQLite itself finds wrong with a file; empty when nothing.</summary>
    public static IReadOnlyList<string> Integrity(SqliteConnection connection)
    {
        try
        {
            return [.. Query(connection, "PRAGMA integrity_check", row => row.GetString(0)).Where(line => line != "ok")];
        }
        catch (SqliteException failure)
        {
            return [Unreadable(failure)];
        }
    }

    private static CheckReport Content(SqliteConnection connection)
    {
        List<string> problems = [];
        problems.AddRange(Query(
            connection,
            "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check",
            row => $"A row of {row.GetString(0)} refers to a row of {row.GetString(2)} that does not exist."));
        problems.AddRange(Query(
            connection,
            """
            SELECT r.id, count(*), min(e.seq), max(e.seq) FROM events AS e JOIN rooms AS r ON r.row = e.room WHERE r.deleted_ms IS NULL
            GROUP BY e.room HAVING min(e.seq) <> 1 OR max(e.seq) <> count(*)
            """,
            row => $"The log of room '{row.GetString(0)}' has gaps: {row.GetInt64(1)} events between {row.GetInt64(2)} and {row.GetInt64(3)}."));
        problems.AddRange(Query(
            connection,
            "SELECT r.id, e.seq FROM events AS e JOIN rooms AS r ON r.row = e.room WHERE r.deleted_ms IS NULL AND NOT json_valid(CAST(e.body AS TEXT))",
            row => $"Event {row.GetInt64(1)} of room '{row.GetString(0)}' is no JSON."));
        problems.AddRange(Query(
            connection,
            """
            SELECT r.id, s.seq, coalesce((SELECT max(seq) FROM events WHERE room = s.room), 0) AS newest
            FROM snapshots AS s JOIN rooms AS r ON r.row = s.room WHERE r.deleted_ms IS NULL AND s.seq > newest
            """,
            row => $"A snapshot of room '{row.GetString(0)}' stands at event {row.GetInt64(1)}, and the log ends at {row.GetInt64(2)}."));
        problems.AddRange(Query(
            connection,
            """
            SELECT r.id, k.scope, k.key, k.seq FROM event_keys AS k JOIN rooms AS r ON r.row = k.room
            WHERE r.deleted_ms IS NULL AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.room = k.room AND e.seq = k.seq)
            """,
            row => $"The history of '{row.GetString(1)}.{row.GetString(2)}' in room '{row.GetString(0)}' names event {row.GetInt64(3)}, which does not exist."));
        problems.AddRange(Query(
            connection,
            "SELECT id, scope FROM tokens WHERE revoked_ms IS NULL",
            row => ScopeParser.ParseStored(row.GetString(1)).Error is { } error ? $"The scope of token {row.GetString(0)} is unreadable: {error.Message}" : null));
        return new CheckReport(
            (int)Query(connection, "SELECT count(*) FROM rooms WHERE deleted_ms IS NULL", row => row.GetInt64(0)).First(),
            Query(connection, "SELECT count(*) FROM events", row => row.GetInt64(0)).First(),
            problems);
    }

    private static string Unreadable(SqliteException failure) => $"The file cannot be read: {failure.Message}";

    private static List<T> Query<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T?> map)
    {
        List<T> found = [];
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        using var row = command.ExecuteReader();
        while (found.Count < MostOfAKind && row.Read())
        {
            if (map(row) is { } item)
            {
                found.Add(item);
            }
        }

        return found;
    }
}
