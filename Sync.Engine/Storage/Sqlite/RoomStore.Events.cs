using Microsoft.Data.Sqlite;
using Sync.Engine.Model.Events;

namespace Sync.Engine.Storage.Sqlite;

/// <content>The log read back, and snapshots.</content>
internal sealed partial class RoomStore
{
    public const int MaxSnapshots = 32;

    /// <summary>Bytes of events that are read at once. An event may have as many as a request; a thousand of them must not lie in memory together.</summary>
    public const int PageBytes = 4 * 1024 * 1024;

    internal const string EventColumns = "seq, at_ms, kind, agent, action, ok, body";

    /// <summary>The newest snapshot, or the newest one at or before an event.</summary>
    public Task<SnapshotRow?> LatestSnapshotAsync(long row, long? atOrBefore, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.First(
                "SELECT seq, body FROM snapshots WHERE room = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1",
                static found => new SnapshotRow(found.GetInt64(0), found.GetFieldValue<byte[]>(1)),
                row,
                atOrBefore ?? long.MaxValue),
            cancellationToken);

    /// <summary>
    /// Keeps a snapshot; one of the same event is replaced. Older ones stay, for replays, up to <see cref="MaxSnapshots"/> a room: past
    /// that, the one goes whose absence costs a replay the least in proportion to how far back it lies. So the recent past stays dense and
    /// the distant past sparse, however long the log. A snapshot of a room deleted meanwhile is dropped.
    /// </summary>
    public Task SaveSnapshotAsync(long row, long seq, byte[] body, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session =>
            {
                session.Execute(
                    """
                    INSERT OR REPLACE INTO snapshots (room, seq, body)
                    SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM rooms WHERE row = $1 AND deleted_ms IS NULL)
                    """,
                    row,
                    seq,
                    body);
                return session.Execute(
                    """
                    DELETE FROM snapshots WHERE room = $1 AND (SELECT count(*) FROM snapshots WHERE room = $1) > $2 AND seq =
                    (
                        SELECT seq FROM
                        (
                            SELECT seq, lead(seq) OVER bySeq AS newer, lag(seq, 1, 0) OVER bySeq AS older, max(seq) OVER () AS newest
                            FROM snapshots WHERE room = $1 WINDOW bySeq AS (ORDER BY seq)
                        )
                        WHERE newer IS NOT NULL ORDER BY (newer - older) * 1.0 / (newest - seq) LIMIT 1
                    )
                    """,
                    row,
                    MaxSnapshots);
            },
            cancellationToken);

    /// <summary>Events after one and up to another, in order, at most <paramref name="limit"/> and about <see cref="PageBytes"/>: whoever wants all goes on after the last.</summary>
    public Task<EventPage> ReadEventsAsync(long row, long afterSeq, long upToSeq, int limit, CancellationToken cancellationToken) =>
        ReadEventsAsync(row, afterSeq, upToSeq, limit, PageBytes, cancellationToken);

    /// <summary>The same, of about so many bytes: what is read is in memory at once.</summary>
    public Task<EventPage> ReadEventsAsync(long row, long afterSeq, long upToSeq, int limit, long bytes, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => Page(reader.Until(
                $"SELECT {EventColumns} FROM events WHERE room = $1 AND seq > $2 AND seq <= $3 ORDER BY seq",
                MapEvent,
                Weigh,
                limit,
                bytes,
                row,
                afterSeq,
                upToSeq)),
            cancellationToken);

    /// <summary>One event, or null.</summary>
    public Task<EventRow?> EventAsync(long row, long seq, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First($"SELECT {EventColumns} FROM events WHERE room = $1 AND seq = $2", MapEvent, row, seq), cancellationToken);

    /// <summary>
    /// Events back along a chain: from one, to the one that <paramref name="next"/> names after looking at it, until that is null or the event is not there. One reader for the whole walk;
    /// nothing of an event is kept but what <paramref name="next"/> keeps.
    /// </summary>
    /// <returns>How many there were.</returns>
    public Task<int> FollowAsync(long row, long from, Func<RoomEvent, long?> next, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader =>
            {
                var count = 0;
                long? at = from;
                while (at is { } seq && reader.First($"SELECT {EventColumns} FROM events WHERE room = $1 AND seq = $2", MapEvent, row, seq) is { } found)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    at = next(RoomEventJson.Read(found));
                    count++;
                }

                return count;
            },
            cancellationToken);

    /// <summary>Request keys of events since a moment, oldest first. From an index of its own: the events are not read.</summary>
    public Task<IReadOnlyList<RequestRow>> RequestsSinceAsync(long row, DateTimeOffset since, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RequestRow>>(
            reader => reader.All(
                "SELECT request_key, seq, at_ms, agent FROM events WHERE room = $1 AND at_ms > $2 AND request_key IS NOT NULL ORDER BY at_ms, seq",
                static found => new RequestRow(
                    found.GetString(0),
                    found.GetInt64(1),
                    DateTimeOffset.FromUnixTimeMilliseconds(found.GetInt64(2)),
                    found.IsDBNull(3) ? null : found.GetString(3)),
                row,
                since.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>The events of these numbers, newest first, at most about <see cref="PageBytes"/>. A number without an event is left out.</summary>
    public Task<EventPage> EventsOfAsync(long row, IReadOnlyList<long> seqs, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => Page(reader.Until(
                $"SELECT {EventColumns} FROM events WHERE room = $1 AND seq IN (SELECT value FROM json_each($2)) ORDER BY seq DESC",
                MapEvent,
                Weigh,
                seqs.Count,
                PageBytes,
                row,
                $"[{string.Join(',', seqs)}]")),
            cancellationToken);

    /// <summary>Events for the audit: after one, oldest first; or, without one, the newest (before one, if named), newest first. At most so many, and about so many bytes.</summary>
    public Task<EventPage> AuditAsync(long row, AuditQuery query, long bytes, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => Page(reader.Until(
                $"""
                SELECT {EventColumns} FROM events
                WHERE room = $1 AND seq > $2 AND seq < $6 AND ($3 IS NULL OR agent = $3) AND ($4 IS NULL OR action = $4) AND ($5 IS NULL OR ok = $5)
                ORDER BY seq {(query.After is null ? "DESC" : "ASC")}
                """,
                MapEvent,
                Weigh,
                query.Limit,
                bytes,
                row,
                query.After?.Seq ?? 0,
                query.Agent,
                query.Action,
                query.Ok is { } wanted ? (wanted ? 1 : 0) : null,
                query.Before?.Seq ?? long.MaxValue)),
            cancellationToken);

    /// <summary>
    /// Events from one on and before another, newest first, at most <paramref name="limit"/> and about <see cref="PageBytes"/>. However rare what is asked for, no more than
    /// the stretch is looked at.
    /// </summary>
    public Task<EventPage> BackAsync(long row, long from, long before, int limit, string? agent, string? action, bool? ok, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => Page(reader.Until(
                $"""
                SELECT {EventColumns} FROM events
                WHERE room = $1 AND seq >= $2 AND seq < $3 AND ($4 IS NULL OR agent = $4) AND ($5 IS NULL OR action = $5) AND ($6 IS NULL OR ok = $6)
                ORDER BY seq DESC
                """,
                MapEvent,
                Weigh,
                limit,
                PageBytes,
                row,
                from,
                before,
                agent,
                action,
                ok is { } wanted ? (wanted ? 1 : 0) : null)),
            cancellationToken);

    /// <summary>The events that followed from one, oldest first, after one and up to another, without their bodies.</summary>
    public Task<(List<FollowingEvent> Events, bool More)> FollowedAsync(long row, long cause, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.Until(
                """
                SELECT e.seq, e.at_ms, e.kind, e.agent, e.action, e.ok FROM event_causes AS c JOIN events AS e ON e.room = c.room AND e.seq = c.seq
                WHERE c.room = $1 AND c.cause = $2 AND c.seq > $3 AND c.seq <= $4 ORDER BY c.seq
                """,
                static found => new FollowingEvent(
                    found.GetInt64(0),
                    DateTimeOffset.FromUnixTimeMilliseconds(found.GetInt64(1)),
                    found.GetString(2),
                    found.IsDBNull(3) ? null : found.GetString(3),
                    found.IsDBNull(4) ? null : found.GetString(4),
                    found.GetInt64(5) != 0),
                static _ => 1,
                limit,
                long.MaxValue,
                row,
                cause,
                after,
                upTo),
            cancellationToken);

    /// <summary>The newest events after one and up to another, oldest first, without their bodies; at most <paramref name="limit"/>.</summary>
    public Task<List<EventHead>> HeadsAsync(long row, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader =>
            {
                var heads = reader.All(
                    "SELECT seq, at_ms, kind, agent, action, ok FROM events WHERE room = $1 AND seq > $2 AND seq <= $3 ORDER BY seq DESC LIMIT $4", MapHead, row, after, upTo, limit);
                heads.Reverse();
                return heads;
            },
            cancellationToken);

    /// <summary>
    /// What an event followed from and what followed, step by step both ways, without bodies but those of <paramref name="seq"/> and what it followed from: these name their causes. At most so many each way.
    /// </summary>
    public Task<CausalLinks> CausalLinksAsync(long row, long seq, long upTo, int most, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => CausalWalk.Walk(reader, row, seq, upTo, most, cancellationToken), cancellationToken);

    /// <summary>The newest indexed event of a key before an event, or null.</summary>
    public Task<long?> LastIndexedAsync(long row, string scope, string key, long beforeSeq, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.First<long?>(
                "SELECT max(seq) FROM event_keys WHERE room = $1 AND scope = $2 AND key = $3 AND seq < $4",
                static found => found.IsDBNull(0) ? null : found.GetInt64(0),
                row,
                scope,
                key,
                beforeSeq),
            cancellationToken);

    /// <summary>The newest indexed event of each key; keys without one are left out.</summary>
    public Task<IReadOnlyDictionary<string, long>> IndexedSeqsAsync(long row, string scope, IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<string, long>>(
            reader =>
            {
                var found = new Dictionary<string, long>(keys.Count, StringComparer.Ordinal);
                foreach (var key in keys)
                {
                    var seq = reader.First<long?>(
                        "SELECT max(seq) FROM event_keys WHERE room = $1 AND scope = $2 AND key = $3",
                        static newest => newest.IsDBNull(0) ? null : newest.GetInt64(0),
                        row,
                        scope,
                        key);
                    if (seq is { } known)
                    {
                        found[key] = known;
                    }
                }

                return found;
            },
            cancellationToken);

    /// <summary>The newest event's number; 0 for an empty log.</summary>
    public Task<long> LastSeqAsync(long row, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.First("SELECT coalesce(max(seq), 0) FROM events WHERE room = $1", static found => found.GetInt64(0), row),
            cancellationToken);

    /// <summary>When the newest event of each room was; rooms without one are left out.</summary>
    public Task<IReadOnlyDictionary<long, DateTimeOffset>> LastEventTimesAsync(IReadOnlyList<long> rows, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<long, DateTimeOffset>>(
            reader =>
            {
                var found = new Dictionary<long, DateTimeOffset>(rows.Count);
                foreach (var row in rows)
                {
                    if (reader.First<long?>("SELECT at_ms FROM events WHERE room = $1 ORDER BY seq DESC LIMIT 1", static at => at.GetInt64(0), row) is { } ms)
                    {
                        found[row] = DateTimeOffset.FromUnixTimeMilliseconds(ms);
                    }
                }

                return found;
            },
            cancellationToken);

    private static EventPage Page((List<EventRow> Rows, bool More) found) => new(found.Rows, found.More);

    private static long Weigh(EventRow row) => row.Body.Length;

    internal static EventHead MapHead(SqliteDataReader row) => new(
        row.GetInt64(0),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
        row.GetString(2),
        row.IsDBNull(3) ? null : row.GetString(3),
        row.IsDBNull(4) ? null : row.GetString(4),
        row.GetInt64(5) != 0);

    internal static EventRow MapEvent(SqliteDataReader row) => new(
        row.GetInt64(0),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
        row.GetString(2),
        row.IsDBNull(3) ? null : row.GetString(3),
        row.IsDBNull(4) ? null : row.GetString(4),
        row.GetInt64(5) != 0,
        row.GetFieldValue<byte[]>(6));
}

/// <summary>A request key in the log.</summary>
/// <param name="Key">The key.</param>
/// <param name="Seq">The event of the first call.</param>
/// <param name="At">When that was.</param>
/// <param name="Agent">Who called.</param>
internal sealed record RequestRow(string Key, long Seq, DateTimeOffset At, string? Agent);
