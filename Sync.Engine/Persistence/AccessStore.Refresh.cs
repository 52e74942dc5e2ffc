namespace Sync.Engine.Persistence;

/// <content>Refresh tokens. A token row is its own chain: a refresh replaces the secret of the row and leaves its id.</content>
internal sealed partial class AccessStore
{
    // An hour each, a month has 720. One used longer ago is unknown instead of reused: a client that refreshes in a loop must not fill the disk.
    private const int MostUsed = 1_000;

    /// <summary>
    /// Exchanges a refresh token, whole or not at all: the presented one is used up, the next one stored, the row gets its new secret. One that was used
    /// already revokes the row instead.
    /// </summary>
    public Task<Renewal> RenewAsync(RenewToken request, CancellationToken cancellationToken) =>
        database.ExecuteAsync(session => Renew(session, request), cancellationToken);

    /// <summary>The id of the token that a refresh token belongs to, used or not; null when there is none.</summary>
    public Task<string?> FindTokenByRefreshAsync(byte[] hash, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First("SELECT token_id FROM refresh_tokens WHERE hash = $1", static row => row.GetString(0), hash), cancellationToken);

    private static Renewal Renew(WriteSession session, RenewToken request)
    {
        if (Presented(session, request.Presented) is not { } found || found.Expires <= request.Now)
        {
            return new Renewal(RenewalState.Unknown, TokenId: null, Scope.Nothing);
        }

        if (found.Used)
        {
            Revoke(session, found.TokenId, request.Now);
            return new Renewal(RenewalState.Reused, found.TokenId, found.Scope);
        }

        if (request.ClientId is not null && found.ClientId is not null && request.ClientId != found.ClientId)
        {
            return new Renewal(RenewalState.Unknown, TokenId: null, Scope.Nothing);
        }

        if (request.Narrower is { } narrower && !found.Scope.Covers(narrower))
        {
            return new Renewal(RenewalState.Exceeds, found.TokenId, found.Scope);
        }

        var scope = request.Narrower ?? found.Scope;
        session.Execute("UPDATE refresh_tokens SET used_ms = $2 WHERE hash = $1", request.Presented, request.Now.ToUnixTimeMilliseconds());
        Insert(session, request.Next, found.TokenId);
        session.Execute(
            """
            DELETE FROM refresh_tokens WHERE token_id = $1 AND used_ms IS NOT NULL AND hash NOT IN
                (SELECT hash FROM refresh_tokens WHERE token_id = $1 AND used_ms IS NOT NULL ORDER BY used_ms DESC LIMIT $2)
            """,
            found.TokenId,
            MostUsed);
        session.Execute(
            "UPDATE tokens SET hash = $2, expires_ms = $3, scope = $4 WHERE id = $1",
            found.TokenId,
            request.Hash,
            (request.Now + found.AccessLife).ToUnixTimeMilliseconds(),
            scope.Text);
        return new Renewal(RenewalState.Renewed, found.TokenId, scope) { AccessLife = found.AccessLife };
    }

    private static PresentedRefresh? Presented(WriteSession session, byte[] hash)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText =
            """
            SELECT r.token_id, r.expires_ms, r.used_ms, t.scope, t.client_id, t.access_s
            FROM refresh_tokens AS r JOIN tokens AS t ON t.id = r.token_id
            WHERE r.hash = $1 AND t.revoked_ms IS NULL
            """;
        command.Parameters.AddWithValue("$1", hash);
        using var row = command.ExecuteReader();
        return row.Read()
            ? new PresentedRefresh(
                row.GetString(0),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
                !row.IsDBNull(2),
                ScopeParser.ParseStored(row.GetString(3)).Try(out var scope, out _) ? scope : Scope.Nothing,
                row.IsDBNull(4) ? null : row.GetString(4),
                row.IsDBNull(5) ? TokenIssue.StandardLife : TimeSpan.FromSeconds(row.GetInt64(5)))
            : null;
    }

    private static void Insert(WriteSession session, RefreshRecord refresh, string tokenId) =>
        session.Execute(
            "INSERT INTO refresh_tokens (hash, token_id, created_ms, expires_ms) VALUES ($1, $2, $3, $4)",
            refresh.Hash.ToArray(),
            tokenId,
            refresh.CreatedAt.ToUnixTimeMilliseconds(),
            refresh.ExpiresAt.ToUnixTimeMilliseconds());

    private sealed record PresentedRefresh(string TokenId, DateTimeOffset Expires, bool Used, Scope Scope, string? ClientId, TimeSpan AccessLife);
}

/// <summary>A refresh on its way.</summary>
/// <param name="Presented">Hash of the refresh token that was presented.</param>
/// <param name="ClientId">The client that asks, or null.</param>
/// <param name="Narrower">The scope to continue with, or null.</param>
/// <param name="Hash">Hash of the new access secret.</param>
/// <param name="Next">The refresh token after this one.</param>
/// <param name="Now">When.</param>
internal sealed record RenewToken(byte[] Presented, string? ClientId, Scope? Narrower, byte[] Hash, RefreshRecord Next, DateTimeOffset Now);

/// <summary>What became of a refresh.</summary>
/// <param name="State">How it ended.</param>
/// <param name="TokenId">The token; null when nothing is told of it.</param>
/// <param name="Scope">Its scope now.</param>
internal sealed record Renewal(RenewalState State, string? TokenId, Scope Scope)
{
    /// <summary>How long the new access secret lives.</summary>
    public TimeSpan AccessLife { get; init; }
}

/// <summary>How a refresh ended.</summary>
internal enum RenewalState
{
    /// <summary>New secrets hold.</summary>
    Renewed,
    /// <summary>No such refresh token, or dead, or another client's.</summary>
    Unknown,
    /// <summary>It was used already; the token is revoked now.</summary>
    Reused,
    /// <summary>More scope was asked than the token has; nothing has changed.</summary>
    Exceeds,
}
