using System.Globalization;
using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>Examines a database: the file's structure, what must hold of rooms, events, snapshots and tokens, and then whether every room can be read: each log is replayed.</summary>
internal static class DatabaseCheck
{
    private const int MaxOfAKind = 100;

    /// <param name="file">The database.</param>
    /// <param name="limits">The limits that old content is held against; what exceeds them is noted.</param>
    public static CheckReport Run(DatabaseFile file, RoomLimits limits)
    {
        try
        {
            using var connection = file.OpenInspector();

            // One moment, so that a running server's writes are no gaps.
            using var moment = connection.BeginTransaction(deferred: true);
            var damage = Integrity(connection);
            return damage.Count > 0 ? new CheckReport(Rooms: 0, Events: 0, damage) : Content(connection, limits);
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

    private static CheckReport Content(SqliteConnection connection, RoomLimits limits)
    {
        List<string> problems = [];
        List<string> notes = [];
        HashSet<string> damaged = new(StringComparer.Ordinal);
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
            row => !damaged.Add(row.GetString(0)) ? null : $"The log of room '{row.GetString(0)}' has gaps: {row.GetInt64(1)} events between {row.GetInt64(2)} and {row.GetInt64(3)}."));
        problems.AddRange(Query(
            connection,
            "SELECT r.id, e.seq FROM events AS e JOIN rooms AS r ON r.row = e.room WHERE r.deleted_ms IS NULL AND NOT json_valid(CAST(e.body AS TEXT))",
            row =>
            {
                damaged.Add(row.GetString(0));
                return $"Event {row.GetInt64(1)} of room '{row.GetString(0)}' is no JSON.";
            }));
        problems.AddRange(Query(
            connection,
            """
            SELECT r.id, s.seq, coalesce((SELECT max(seq) FROM events WHERE room = s.room), 0) AS newest
            FROM snapshots AS s JOIN rooms AS r ON r.row = s.room WHERE r.deleted_ms IS NULL AND s.seq > newest
            """,
            row => $"A snapshot of room '{row.GetString(0)}' stands at event {row.GetInt64(1)}, and the log ends at {row.GetInt64(2)}."));
        problems.AddRange(References(connection));
        problems.AddRange(Query(
            connection,
            "SELECT id, scope FROM tokens WHERE revoked_ms IS NULL",
            row => ScopeParser.ParseStored(row.GetString(1)).Error is { } error ? $"The scope of token {row.GetString(0)} is unreadable: {error.Message}" : null));
        var language = new RoomLanguage(limits.Cel) { JsonDepth = limits.JsonDepth };
        foreach (var (row, id) in Query(connection, "SELECT row, id FROM rooms WHERE deleted_ms IS NULL ORDER BY row", found => ((long, string)?)(found.GetInt64(0), found.GetString(1)), int.MaxValue).OfType<(long, string)>())
        {
            if (!damaged.Contains(id))
            {
                Replay(connection, row, id, language, problems, notes);
            }
        }

        return new CheckReport(
            (int)Query(connection, "SELECT count(*) FROM rooms WHERE deleted_ms IS NULL", row => row.GetInt64(0)).First(),
            Query(connection, "SELECT count(*) FROM events", row => row.GetInt64(0)).First(),
            problems)
        {
            Notes = notes,
        };
    }

    // What points at events from beside the log.
    private static IEnumerable<string> References(SqliteConnection connection) =>
    [
        .. Query(
            connection,
            """
            SELECT r.id, k.scope, k.key, k.seq FROM event_keys AS k JOIN rooms AS r ON r.row = k.room
            WHERE r.deleted_ms IS NULL AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.room = k.room AND e.seq = k.seq)
            """,
            row => $"The history of '{row.GetString(1)}.{row.GetString(2)}' in room '{row.GetString(0)}' names event {row.GetInt64(3)}, which does not exist."),
        .. Query(
            connection,
            """
            SELECT r.id, c.seq, c.cause FROM event_causes AS c JOIN rooms AS r ON r.row = c.room
            WHERE r.deleted_ms IS NULL AND (c.cause >= c.seq OR NOT EXISTS (SELECT 1 FROM events AS e WHERE e.room = c.room AND e.seq = c.seq) OR NOT EXISTS (SELECT 1 FROM events AS e WHERE e.room = c.room AND e.seq = c.cause))
            """,
            row => $"Event {row.GetInt64(1)} of room '{row.GetString(0)}' is said to follow from event {row.GetInt64(2)}: one of them does not exist, or is not earlier."),
    ];

    // What a start would do with the room: its whole log, and each snapshot.
    private static void Replay(SqliteConnection connection, long row, string id, RoomLanguage language, List<string> problems, List<string> notes)
    {
        var state = RoomState.In(language);
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {RoomStore.EventColumns} FROM events WHERE room = $1 ORDER BY seq";
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("$1", row);
        using var events = command.ExecuteReader();
        while (events.Read())
        {
            var stored = RoomStore.MapEvent(events);
            try
            {
                state = state.Apply(RoomEventJson.Read(stored));
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // Whatever it is, the room cannot be opened, and that is what is asked.
                problems.Add($"Room '{id}' cannot be read from event {stored.Seq} on: {failure.Message}");
                return;
            }
        }

        foreach (var seq in Query(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT seq, body FROM snapshots WHERE room = {row} AND seq <= {state.Seq}"), found => IsReadable(found.GetFieldValue<byte[]>(1), language) ? null : (long?)found.GetInt64(0)))
        {
            problems.Add($"The snapshot of room '{id}' at event {seq} cannot be read.");
        }

        foreach (var (key, problem) in state.Degraded.OrderBy(static d => (d.Key.Scope, d.Key.Key)).Take(MaxOfAKind))
        {
            notes.Add($"Room '{id}': '{key.Key}' in '{key.Scope}' is used with limits. {problem}");
        }
    }

    private static bool IsReadable(byte[] snapshot, RoomLanguage language)
    {
        try
        {
            return SnapshotJson.Read(snapshot, language).Seq > 0;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return false;
        }
    }

    private static string Unreadable(SqliteException failure) => $"The file cannot be read: {failure.Message}";

    private static List<T> Query<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T?> map, int max = MaxOfAKind)
    {
        List<T> found = [];
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        using var row = command.ExecuteReader();
        while (found.Count < max && row.Read())
        {
            if (map(row) is { } item)
            {
                found.Add(item);
            }
        }

        return found;
    }
}
