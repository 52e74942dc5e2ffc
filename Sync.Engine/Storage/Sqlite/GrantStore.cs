using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Device flows and consents on disk. Stateless and thread-safe. Each step is one transaction on the writer thread, so that of two that come at once one is
/// second. No secret ever gets here, only its SHA-256.
/// </summary>
internal sealed class GrantStore(Database database)
{
    private const string Columns = "id, user_code, client_id, client_name, asked, granted, user_id, state, token_id, expires_ms, polled_ms, interval_s";

    private const int MaxPending = 10_000;

    /// <summary>Stores a new device flow.</summary>
    public Task<DeviceStart> StartAsync(GrantRecord grant, byte[] deviceHash, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session =>
            {
                if (First(session, $"SELECT count(*) FROM grants WHERE expires_ms > $1 AND state = '{nameof(GrantState.Pending)}'", static row => row.GetInt32(0), now.ToUnixTimeMilliseconds()) >= MaxPending)
                {
                    return DeviceStart.TooMany;
                }

                return Insert(session, grant, deviceHash, now) ? DeviceStart.Started : DeviceStart.CodeTaken;
            },
            cancellationToken);

    /// <summary>Stores a consent.</summary>
    public Task AddConsentAsync(GrantRecord grant, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(session => Insert(session, grant, deviceHash: null, now), cancellationToken);

    /// <summary>The device flow of a user code that still waits for a person; null when there is none.</summary>
    public Task<GrantRecord?> FindPendingAsync(string userCode, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.First(
                $"SELECT {Columns} FROM grants WHERE user_code = $1 AND expires_ms > $2 AND state = '{nameof(GrantState.Pending)}'", Map, userCode, now.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>Decides a device flow; false when it waits no longer.</summary>
    public Task<bool> DecideAsync(GrantRecord decided, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session => session.Execute(
                $"UPDATE grants SET state = $2, granted = $3, user_id = $4, expires_ms = $5 WHERE id = $1 AND expires_ms > $6 AND state = '{nameof(GrantState.Pending)}'",
                decided.Id,
                decided.State.ToString(),
                decided.Granted,
                decided.UserId,
                decided.ExpiresAt.ToUnixTimeMilliseconds(),
                now.ToUnixTimeMilliseconds()) > 0,
            cancellationToken);

    /// <summary>A poll: notes it, and redeems the flow for the token that <paramref name="issue"/> makes when it is approved.</summary>
    public Task<(DeviceState State, TokenIssue? Issue)> PollAsync(byte[] deviceHash, string? clientId, DateTimeOffset now, Func<GrantRecord, TokenIssue> issue, CancellationToken cancellationToken) =>
        database.ExecuteAsync<(DeviceState, TokenIssue?)>(
            session =>
            {
                if (First(session, $"SELECT {Columns} FROM grants WHERE device_hash = $1", Map, deviceHash) is not { } grant
                    || (clientId is not null && grant.ClientId is not null && clientId != grant.ClientId))
                {
                    return (DeviceState.Invalid, null);
                }

                switch (grant.State)
                {
                    case GrantState.Redeemed:
                        return (DeviceState.Invalid, null);
                    case GrantState.Denied:
                        return (DeviceState.Denied, null);
                    case var _ when grant.ExpiresAt <= now:
                        return (DeviceState.Expired, null);
                    case GrantState.Approved:
                        return (DeviceState.Approved, Redeem(session, grant, issue));
                }

                var early = grant.PolledAt is { } last && now - last < grant.Interval;
                session.Execute(
                    "UPDATE grants SET polled_ms = $2, interval_s = interval_s + $3 WHERE id = $1", grant.Id, now.ToUnixTimeMilliseconds(), early ? 5 : 0);
                return (early ? DeviceState.SlowDown : DeviceState.Pending, null);
            },
            cancellationToken);

    /// <summary>
    /// Redeems a consent. Without an issue it failed, and then a token's id is that of an earlier redemption.
    /// </summary>
    public Task<(TokenIssue? Issue, string? Earlier)> RedeemAsync(string id, string clientId, DateTimeOffset now, Func<GrantRecord, TokenIssue> issue, CancellationToken cancellationToken) =>
        database.ExecuteAsync<(TokenIssue?, string?)>(
            session =>
            {
                // A device flow's id is no proof of anything.
                if (First(session, $"SELECT {Columns} FROM grants WHERE id = $1 AND device_hash IS NULL", Map, id) is not { } grant || grant.ClientId != clientId)
                {
                    return (null, null);
                }

                return grant.State == GrantState.Redeemed ? (null, grant.TokenId)
                    : grant.State == GrantState.Approved && grant.ExpiresAt > now ? (Redeem(session, grant, issue), null)
                    : (null, null);
            },
            cancellationToken);

    /// <summary>Removes grants that expired before a moment.</summary>
    public Task PruneAsync(DateTimeOffset expiredBefore, CancellationToken cancellationToken) =>
        database.ExecuteAsync(session => session.Execute("DELETE FROM grants WHERE expires_ms < $1", expiredBefore.ToUnixTimeMilliseconds()), cancellationToken);

    private static TokenIssue Redeem(WriteSession session, GrantRecord grant, Func<GrantRecord, TokenIssue> issue)
    {
        var made = issue(grant);

        // Approved grants have a user.
        AccessStore.Issue(session, made, grant.UserId!);
        session.Execute("UPDATE grants SET state = $2, token_id = $3 WHERE id = $1", grant.Id, nameof(GrantState.Redeemed), made.Token.Id);
        return made;
    }

    private static bool Insert(WriteSession session, GrantRecord grant, byte[]? deviceHash, DateTimeOffset now) =>
        session.Execute(
            """
            INSERT INTO grants (id, device_hash, user_code, client_id, client_name, asked, granted, user_id, state, created_ms, expires_ms, interval_s)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING
            """,
            grant.Id,
            deviceHash,
            grant.UserCode,
            grant.ClientId,
            grant.ClientName,
            grant.Requested,
            grant.Granted,
            grant.UserId,
            grant.State.ToString(),
            now.ToUnixTimeMilliseconds(),
            grant.ExpiresAt.ToUnixTimeMilliseconds(),
            (long?)grant.Interval?.TotalSeconds) > 0;

    private static T? First<T>(WriteSession session, string sql, Func<SqliteDataReader, T> map, object value)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$1", value);
        using var row = command.ExecuteReader();
        return row.Read() ? map(row) : default;
    }

    private static GrantRecord Map(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        UserCode = row.IsDBNull(1) ? null : row.GetString(1),
        ClientId = row.IsDBNull(2) ? null : row.GetString(2),
        ClientName = row.IsDBNull(3) ? null : row.GetString(3),
        Requested = row.GetString(4),
        Granted = row.IsDBNull(5) ? null : row.GetString(5),
        UserId = row.IsDBNull(6) ? null : row.GetString(6),
        State = Enum.Parse<GrantState>(row.GetString(7)),
        TokenId = row.IsDBNull(8) ? null : row.GetString(8),
        ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)),
        PolledAt = row.IsDBNull(10) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(10)),
        Interval = row.IsDBNull(11) ? null : TimeSpan.FromSeconds(row.GetInt64(11)),
    };
}

/// <summary>The outcomes of starting a device flow.</summary>
internal enum DeviceStart
{
    /// <summary>It waits for a person now.</summary>
    Started,
    /// <summary>The user code stands for another one.</summary>
    CodeTaken,
    /// <summary>Too many wait already.</summary>
    TooMany,
}
