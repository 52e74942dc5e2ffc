using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Webhooks on disk, and the messages that they have to deliver. Stateless and thread-safe. What is told once stands here by its key for as long as it could be told again, so
/// neither a restart nor a second look tells it twice. Bounded: so many webhooks of one owner, so many messages of one webhook.
/// </summary>
internal sealed class WebhookStore(Database database)
{
    /// <summary>The most webhooks of one user's inbox, and of one room.</summary>
    public const int Max = 10;

    /// <summary>The most webhooks that one user makes, of all rooms together: each is looked for, and keeps what it has told.</summary>
    public const int MaxMade = 50;

    /// <summary>The most messages of one webhook that wait. For a new one the oldest is given up.</summary>
    public const int MaxWaiting = 100;

    /// <summary>How many messages an owner is shown.</summary>
    public const int Shown = 20;

    /// <summary>What is older is told no more.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    // What stands there to be told once only.
    private const int MaxKept = 1_000;

    // What goes on is told again when it has begun again, and not before this has gone by.
    private static readonly TimeSpan s_again = TimeSpan.FromMinutes(10);

    private const string Columns = "w.id, w.user_id, w.token_id, w.room, r.id, w.label, w.url, w.format, w.kinds, w.secret, w.created_ms, w.seq, w.off_reason";

    // Counted for who looks at a webhook only: to send, nobody needs it, and it reads all of the webhook's messages.
    private const string Counted = $"{Columns}, (SELECT count(*) FROM webhook_deliveries WHERE webhook_id = w.id AND state = 'Waiting')";

    private const string Tables = "webhooks AS w LEFT JOIN rooms AS r ON r.row = w.room";

    /// <summary>Those that are on.</summary>
    public Task<IReadOnlyList<WebhookRecord>> ActiveAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<WebhookRecord>>(static reader => reader.All($"SELECT {Columns} FROM {Tables} WHERE w.off_reason IS NULL", Map), cancellationToken);

    /// <summary>Those of one source that are on.</summary>
    public Task<IReadOnlyList<WebhookRecord>> ActiveOfAsync(WebhookSource source, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<WebhookRecord>>(
            reader => reader.All($"SELECT {Columns} FROM {Tables} WHERE w.user_id = $1 AND w.token_id IS $2 AND w.room IS $3 AND w.off_reason IS NULL", Map, source.User, source.Token, source.Room),
            cancellationToken);

    /// <summary>Those of a user's own inbox, oldest first.</summary>
    public Task<IReadOnlyList<WebhookRecord>> OfUserAsync(string user, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<WebhookRecord>>(
            reader => reader.All($"SELECT {Counted} FROM {Tables} WHERE w.user_id = $1 AND w.room IS NULL ORDER BY w.created_ms, w.id", MapCounted, user),
            cancellationToken);

    /// <summary>Those of a room, oldest first.</summary>
    public Task<IReadOnlyList<WebhookRecord>> OfRoomAsync(long room, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<WebhookRecord>>(reader => reader.All($"SELECT {Counted} FROM {Tables} WHERE w.room = $1 ORDER BY w.created_ms, w.id", MapCounted, room), cancellationToken);

    /// <summary>The webhook of an id; null when there is none.</summary>
    public Task<WebhookRecord?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First($"SELECT {Counted} FROM {Tables} WHERE w.id = $1", MapCounted, id), cancellationToken);

    /// <summary>Stores a webhook; else how many there may be of the inbox or the room, or by the user: as many are there.</summary>
    public Task<int?> AddAsync(StoredWebhook webhook, CancellationToken cancellationToken) =>
        database.ExecuteAsync<int?>(
            work =>
            {
                var held = webhook.Room is { } room
                    ? work.Count("SELECT count(*) FROM webhooks WHERE room = $1", room)
                    : work.Count("SELECT count(*) FROM webhooks WHERE user_id = $1 AND room IS NULL", webhook.UserId);
                if (held >= Max)
                {
                    return Max;
                }

                if (work.Count("SELECT count(*) FROM webhooks WHERE user_id = $1", webhook.UserId) >= MaxMade)
                {
                    return MaxMade;
                }

                work.Execute(
                    "INSERT INTO webhooks (id, user_id, token_id, room, label, url, format, kinds, secret, created_ms, from_ms, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                    webhook.Id,
                    webhook.UserId,
                    webhook.TokenId,
                    webhook.Room,
                    webhook.Label,
                    webhook.Url,
                    webhook.Format.ToString(),
                    webhook.Kinds,
                    webhook.Secret,
                    webhook.CreatedMs,
                    webhook.FromMs,
                    webhook.Seq);
                return null;
            },
            cancellationToken);

    /// <summary>Changes what it is called and tells of.</summary>
    public Task<int> ChangeAsync(string id, string? label, ImmutableArray<WebhookKind> kinds, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => work.Execute("UPDATE webhooks SET label = $2, kinds = $3 WHERE id = $1", id, label, WebhookKinds.Text(kinds)), cancellationToken);

    /// <summary>Turns a webhook on: it tells of what happens from now on.</summary>
    public Task<int> TurnOnAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            work => work.Execute("UPDATE webhooks SET off_reason = NULL, from_ms = $2, seq = -1 WHERE id = $1 AND off_reason IS NOT NULL", id, now.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>Turns a webhook off; what waits is given up.</summary>
    public Task<int> TurnOffAsync(string id, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => TurnOff(work, id, reason, now), cancellationToken);

    /// <summary>Removes a webhook with its messages; false when it is gone already.</summary>
    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => work.Execute("DELETE FROM webhooks WHERE id = $1", id) > 0, cancellationToken);

    /// <summary>Queues what a webhook has not told yet. Answers how many that are.</summary>
    /// <param name="id">The webhook.</param>
    /// <param name="offered">Everything there is to tell at the moment.</param>
    /// <param name="isWhole">Whether what goes on is all there: what is not among it has ended.</param>
    /// <param name="seq">The last message of the room that was looked at; 0 for a user's.</param>
    /// <param name="now">This moment.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    public Task<int> OfferAsync(string id, IReadOnlyList<OfferedNotice> offered, bool isWhole, long seq, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => new Offering(work, id, now).Run(offered, isWhole, seq), cancellationToken);

    /// <summary>Queues one message that is to be sent at once, whether or not the webhook is on; false when one was a moment ago.</summary>
    public Task<bool> OfferTestAsync(string id, OfferedNotice notice, DateTimeOffset now, TimeSpan between, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            work =>
            {
                var nowMs = now.ToUnixTimeMilliseconds();
                if (work.Count("SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1 AND key LIKE 'test/%' AND queued_ms > $2", id, nowMs - (long)between.TotalMilliseconds) > 0)
                {
                    return false;
                }

                new Offering(work, id, now).Insert(notice, notice.Key, WebhookDeliveryState.Waiting);
                return true;
            },
            cancellationToken);

    /// <summary>
    /// Messages that are due, of webhooks that are on or were asked to be tried, the one that has waited longest first. Of each webhook its first, of each user the first few: who has much waiting hides
    /// nobody else's.
    /// </summary>
    public Task<IReadOnlyList<DueDelivery>> DueAsync(DateTimeOffset now, int ofUser, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DueDelivery>>(
            reader => reader.All(
                $"""
                WITH firsts AS (
                    SELECT id, webhook_id, due_ms, row_number() OVER (PARTITION BY webhook_id ORDER BY due_ms, id) AS place FROM webhook_deliveries WHERE state = 'Waiting' AND due_ms <= $1),
                users AS (
                    SELECT f.id, f.due_ms, row_number() OVER (PARTITION BY w.user_id ORDER BY f.due_ms, f.id) AS place FROM firsts AS f JOIN webhooks AS w ON w.id = f.webhook_id WHERE f.place = 1)
                SELECT {Columns}, d.id, d.body, d.attempts FROM users AS u JOIN webhook_deliveries AS d ON d.id = u.id JOIN webhooks AS w ON w.id = d.webhook_id LEFT JOIN rooms AS r ON r.row = w.room
                WHERE u.place <= $2 ORDER BY u.due_ms, u.id LIMIT $3
                """,
                static row => new DueDelivery(Map(row), row.GetString(13), row.GetFieldValue<byte[]>(14), row.GetInt32(15)),
                now.ToUnixTimeMilliseconds(),
                ofUser,
                limit),
            cancellationToken);

    /// <summary>When the next message is due; null when none waits.</summary>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<DateTimeOffset?>(
            static reader => reader.First("SELECT min(due_ms) FROM webhook_deliveries WHERE state = 'Waiting'", static row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0)) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null,
            cancellationToken);

    /// <summary>Notes what an attempt has come to, and turns the webhook off where that is to follow.</summary>
    public Task<int> SettleAsync(string delivery, string webhook, SettledAttempt settled, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            work =>
            {
                var changed = work.Execute(
                    "UPDATE webhook_deliveries SET state = $2, attempts = $3, due_ms = $4, result = $5 WHERE id = $1",
                    delivery,
                    settled.State.ToString(),
                    settled.Attempts,
                    settled.At.ToUnixTimeMilliseconds(),
                    settled.Result);
                if (settled.OffReason is { } reason)
                {
                    TurnOff(work, webhook, reason, now);
                }

                return changed;
            },
            cancellationToken);

    /// <summary>The messages of a webhook, the newest first.</summary>
    public Task<IReadOnlyList<StoredWebhookDelivery>> DeliveriesAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredWebhookDelivery>>(
            reader => reader.All(
                $"""
                SELECT id, webhook_id, key, at_ms, body, state, attempts, queued_ms, due_ms, result FROM webhook_deliveries
                WHERE webhook_id = $1 AND (state = 'Waiting' OR result IS NOT NULL) ORDER BY queued_ms DESC, id LIMIT {Shown}
                """,
                static row => new StoredWebhookDelivery
                {
                    Id = row.GetString(0),
                    WebhookId = row.GetString(1),
                    Key = row.GetString(2),
                    AtMs = row.GetInt64(3),
                    Body = row.GetFieldValue<byte[]>(4),
                    State = Enum.Parse<WebhookDeliveryState>(row.GetString(5)),
                    Attempts = row.GetInt32(6),
                    QueuedMs = row.GetInt64(7),
                    DueMs = row.GetInt64(8),
                    Result = row.IsDBNull(9) ? null : row.GetString(9),
                },
                id),
            cancellationToken);

    private static int TurnOff(WriteSession work, string id, string reason, DateTimeOffset now)
    {
        work.Execute(
            "UPDATE webhook_deliveries SET state = 'Failed', due_ms = $2, result = coalesce(result, 'the webhook was turned off') WHERE webhook_id = $1 AND state = 'Waiting'",
            id,
            now.ToUnixTimeMilliseconds());
        return work.Execute("UPDATE webhooks SET off_reason = $2 WHERE id = $1 AND off_reason IS NULL", id, reason);
    }

    private static WebhookRecord Map(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        UserId = row.GetString(1),
        TokenId = row.IsDBNull(2) ? null : row.GetString(2),
        Room = row.IsDBNull(3) ? null : row.GetInt64(3),
        RoomId = row.IsDBNull(4) ? null : row.GetString(4),
        Label = row.IsDBNull(5) ? null : row.GetString(5),
        Url = row.GetString(6),
        Format = Enum.Parse<WebhookFormat>(row.GetString(7)),
        Kinds = WebhookKinds.Parse(row.GetString(8)),
        Secret = [.. row.GetFieldValue<byte[]>(9)],
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(10)),
        Seq = row.GetInt64(11),
        OffReason = row.IsDBNull(12) ? null : row.GetString(12),
    };

    private static WebhookRecord MapCounted(SqliteDataReader row) => Map(row) with { Waiting = row.GetInt32(13) };

    /// <summary>
    /// Queues what one webhook has not told yet, in an open transaction. What happened is known by its key; what goes on has a key that begins with <c>~</c> while it does, and another one when it
    /// has ended, so that it is told again when it begins again.
    /// </summary>
    private sealed class Offering(WriteSession work, string id, DateTimeOffset now)
    {
        private readonly long _nowMs = now.ToUnixTimeMilliseconds();

        public int Run(IReadOnlyList<OfferedNotice> offered, bool isWhole, long seq)
        {
            if (work.First("SELECT from_ms, seq FROM webhooks WHERE id = $1 AND off_reason IS NULL", static row => ((long FromMs, long Seq)?)(row.GetInt64(0), row.GetInt64(1)), id) is not { } webhook)
            {
                return 0;
            }

            var queued = 0;
            foreach (var notice in offered)
            {
                queued += notice.GoesOn ? Begin(notice, isNews: webhook.Seq >= 0) : notice.AtMs >= webhook.FromMs && !Has(notice.Key) ? Insert(notice, notice.Key, WebhookDeliveryState.Waiting) : 0;
            }

            if (isWhole)
            {
                End([.. offered.Where(static notice => notice.GoesOn).Select(static notice => notice.Key)]);
                work.Execute("UPDATE webhooks SET seq = $2 WHERE id = $1 AND seq < $2", id, seq);
            }

            if (queued > 0)
            {
                Bound();
            }

            return queued;
        }

        public int Insert(OfferedNotice notice, string key, WebhookDeliveryState state)
        {
            work.Execute(
                "INSERT INTO webhook_deliveries (id, webhook_id, key, at_ms, body, state, attempts, queued_ms, due_ms) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7)",
                "msg_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{key}\n{_nowMs}")))[..24],
                id,
                key,
                notice.AtMs,
                notice.Body,
                state.ToString(),
                _nowMs);
            return state == WebhookDeliveryState.Waiting ? 1 : 0;
        }

        // What was there before the webhook looked for the first time is no news.
        private int Begin(OfferedNotice notice, bool isNews)
        {
            if (Has("~" + notice.Key))
            {
                return 0;
            }

            var isAgain = work.Count("SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1 AND key LIKE '-%' AND substr(key, instr(key, '~') + 1) = $2 AND queued_ms > $3", id, notice.Key, _nowMs - (long)s_again.TotalMilliseconds) > 0;
            return Insert(notice, "~" + notice.Key, isNews && !isAgain ? WebhookDeliveryState.Waiting : WebhookDeliveryState.Delivered);
        }

        private void End(HashSet<string> goingOn)
        {
            foreach (var key in work.All("SELECT key FROM webhook_deliveries WHERE webhook_id = $1 AND key LIKE '~%'", static row => row.GetString(0), id))
            {
                if (!goingOn.Contains(key[1..]))
                {
                    work.Execute("UPDATE webhook_deliveries SET key = $3 WHERE webhook_id = $1 AND key = $2", id, key, $"-{_nowMs}{key}");
                }
            }
        }

        private void Bound()
        {
            work.Execute(
                """
                UPDATE webhook_deliveries SET state = 'Failed', due_ms = $2, result = 'given up: too many were waiting' WHERE id IN
                    (SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'Waiting' ORDER BY queued_ms DESC, id LIMIT -1 OFFSET $3)
                """,
                id,
                _nowMs,
                MaxWaiting);
            var oldest = Math.Max(
                _nowMs - (long)Kept.TotalMilliseconds,
                work.First("SELECT at_ms FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY at_ms DESC LIMIT 1 OFFSET $2", static row => row.GetInt64(0), id, MaxKept));
            work.Execute("DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND state <> 'Waiting' AND at_ms < $2 AND queued_ms < $2 AND key NOT LIKE '~%'", id, oldest);
            work.Execute("UPDATE webhooks SET from_ms = max(from_ms, $2) WHERE id = $1", id, oldest);
        }

        private bool Has(string key) => work.Count("SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1 AND key = $2", id, key) > 0;
    }
}

/// <summary>Something to tell.</summary>
/// <param name="Key">Tells it from all else that is told.</param>
/// <param name="AtMs">When it happened.</param>
/// <param name="GoesOn">Whether it is told as long as it goes on and not because it happened: its time may lie long before it began to matter.</param>
/// <param name="Body">What is told.</param>
internal sealed record OfferedNotice(string Key, long AtMs, bool GoesOn, byte[] Body);

/// <summary>A message to be sent now.</summary>
internal sealed record DueDelivery(WebhookRecord Webhook, string Id, byte[] Body, int Attempts);

/// <summary>What an attempt has come to.</summary>
/// <param name="State">How far the message has got.</param>
/// <param name="Attempts">How often it was sent by now.</param>
/// <param name="At">When it was sent, or is sent next.</param>
/// <param name="Result">What came of it, in a few words.</param>
/// <param name="OffReason">Why the webhook is to be turned off; null where it is not.</param>
internal sealed record SettledAttempt(WebhookDeliveryState State, int Attempts, DateTimeOffset At, string Result, string? OffReason);
