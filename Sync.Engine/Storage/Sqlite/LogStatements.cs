using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// The log's prepared statements on the writer's connection, one level below the driver: no parameter objects, no boxing.
/// For the writer thread only. Every method throws <see cref="SqliteException"/> on failure; the caller then calls
/// <see cref="Rollback"/>.
/// </summary>
internal sealed class LogStatements : IDisposable
{
    /// <summary>Epoch and newest event of a room, by its row.</summary>
    public const string PositionSql = "SELECT epoch, (SELECT coalesce(max(seq), 0) FROM events WHERE room = $1) FROM rooms WHERE row = $1";

    private readonly sqlite3 _db;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly sqlite3_stmt _rollback;
    private readonly sqlite3_stmt _insertEvent;
    private readonly sqlite3_stmt _insertKey;
    private readonly sqlite3_stmt _insertCause;
    private readonly sqlite3_stmt _position;
    private byte[] _text = new byte[1024];

    public LogStatements(SqliteConnection connection)
    {
        // An open connection has a handle.
        _db = connection.Handle!;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _insertEvent = Prepare("INSERT INTO events (room, seq, at_ms, kind, agent, action, ok, request_key, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        _position = Prepare(PositionSql);
        _insertKey = Prepare("INSERT OR IGNORE INTO event_keys (room, scope, key, seq) VALUES (?1, ?2, ?3, ?4)");
        _insertCause = Prepare("INSERT OR IGNORE INTO event_causes (room, cause, seq) VALUES (?1, ?2, ?3)");
    }

    public void Begin() => Step(_begin);

    public void Commit() => Step(_commit);

    /// <summary>Ends the transaction if SQLite has not already ended it by itself, as it does on some failures.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_db) == 0)
        {
            Step(_rollback);
        }
    }

    /// <summary>Where a room's log stands within the transaction; null when there is no such room.</summary>
    public LogPosition? PositionOf(long room)
    {
        raw.sqlite3_bind_int64(_position, 1, room);
        var code = raw.sqlite3_step(_position);
        LogPosition? found = code == raw.SQLITE_ROW ? new LogPosition(raw.sqlite3_column_int64(_position, 0), raw.sqlite3_column_int64(_position, 1)) : null;
        var failure = code is raw.SQLITE_ROW or raw.SQLITE_DONE ? null : Failure(code);
        raw.sqlite3_reset(_position);
        return failure is null ? found : throw failure;
    }

    public void Insert(long room, long seq, LogEvent stored)
    {
        raw.sqlite3_bind_int64(_insertEvent, 1, room);
        raw.sqlite3_bind_int64(_insertEvent, 2, seq);
        raw.sqlite3_bind_int64(_insertEvent, 3, stored.At.ToUnixTimeMilliseconds());
        BindText(_insertEvent, 4, stored.Kind);
        BindText(_insertEvent, 5, stored.Agent);
        BindText(_insertEvent, 6, stored.Action);
        raw.sqlite3_bind_int(_insertEvent, 7, stored.Ok ? 1 : 0);
        BindText(_insertEvent, 8, stored.RequestKey);
        var code = raw.sqlite3_bind_blob(_insertEvent, 9, stored.Body.Span);
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }

        Step(_insertEvent);
        foreach (var cause in stored.CauseSeqs)
        {
            raw.sqlite3_bind_int64(_insertCause, 1, room);
            raw.sqlite3_bind_int64(_insertCause, 2, cause);
            raw.sqlite3_bind_int64(_insertCause, 3, seq);
            Step(_insertCause);
        }

        if (stored.Indexed.IsDefaultOrEmpty)
        {
            return;
        }

        foreach (var (scope, key) in stored.Indexed)
        {
            raw.sqlite3_bind_int64(_insertKey, 1, room);
            BindText(_insertKey, 2, scope);
            BindText(_insertKey, 3, key);
            raw.sqlite3_bind_int64(_insertKey, 4, seq);
            Step(_insertKey);
        }
    }

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
        _insertEvent.Dispose();
        _insertKey.Dispose();
        _insertCause.Dispose();
        _position.Dispose();
    }

    private sqlite3_stmt Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v2(_db, sql, out var statement);
        return code == raw.SQLITE_OK ? statement : throw Failure(code);
    }

    // SQLite copies the bytes (SQLITE_TRANSIENT), so the buffer is free again at once.
    private void BindText(sqlite3_stmt statement, int index, string? value)
    {
        if (value is null)
        {
            raw.sqlite3_bind_null(statement, index);
            return;
        }

        var max = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_text.Length < max)
        {
            _text = new byte[max];
        }

        var length = Encoding.UTF8.GetBytes(value, _text);
        raw.sqlite3_bind_text(statement, index, _text.AsSpan(0, length));
    }

    private void Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(statement);
            return;
        }

        var failure = Failure(code);
        raw.sqlite3_reset(statement);
        throw failure;
    }

    private SqliteException Failure(int code) =>
        new($"SQLite error {code}: {raw.sqlite3_errmsg(_db).utf8_to_string()}", code, raw.sqlite3_extended_errcode(_db));
}
