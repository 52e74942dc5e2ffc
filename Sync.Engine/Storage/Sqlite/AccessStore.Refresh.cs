using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Storage.Sqlite;

/// <content>Refresh tokens. A token row is its own chain: a refresh replaces the secret of the row and leaves its id.</content>
internal sealed partial class AccessStore
{
    // An hour each, a month has 720. One used longer ago is unknown instead of reused: a client that refreshes in a loop must not fill the disk.
    private const int MaxUsed = 1_000;

    // Two sessions of one program refresh within one request of one another; a client asks again after an answer was lost at once, or after its own time-out.
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Exchanges a refresh token, whole or not at all: the presented one is used up, the next one stored, the row gets its new secret. One that was used
    /// already gives the same pair once more, unchanged, within 30 seconds and before the next one is used, and revokes the row instead at any other time.
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
            return Renewal.Unknown;
        }

        var ofAnother = request.ClientId is not null && found.ClientId is not null && request.ClientId != found.ClientId;
        var again = found.UsedAt is { } usedAt && !ofAnother && request.Now - usedAt <= s_again && IsNewest(session, found.TokenId, request);
        if (found.UsedAt is not null && !again)
        {
            return new Renewal(RenewalState.Reused, found.TokenId, found.Scope) { Ended = Revoke(session, [found.TokenId], request.Now) };
        }

        if (ofAnother)
        {
            return Renewal.Unknown;
        }

        if (request.Narrower is { } narrower && !found.Scope.Covers(narrower))
        {
            return new Renewal(RenewalState.Exceeds, found.TokenId, found.Scope);
        }

        if (again)
        {
            // The pair of the first time, so it ends when that does, and its scope is the one that the first session holds (RFC 6749 §6).
            return request.Narrower is null || request.Narrower.Text == found.Scope.Text
                ? new Renewal(RenewalState.Repeated, found.TokenId, found.Scope) { ExpiresAt = found.AccessExpires }
                : new Renewal(RenewalState.OtherScope, found.TokenId, found.Scope);
        }

        var scope = request.Narrower ?? found.Scope;

        var expiresAt = request.Now + found.AccessLife;
        session.Execute("UPDATE refresh_tokens SET used_ms = $2 WHERE hash = $1", request.Presented, request.Now.ToUnixTimeMilliseconds());
        Insert(session, request.Next, found.TokenId);
        session.Execute(
            """
            DELETE FROM refresh_tokens WHERE token_id = $1 AND used_ms IS NOT NULL AND hash NOT IN
                (SELECT hash FROM refresh_tokens WHERE token_id = $1 AND used_ms IS NOT NULL ORDER BY used_ms DESC LIMIT $2)
            """,
            found.TokenId,
            MaxUsed);
        session.Execute(
            "UPDATE tokens SET hash = $2, expires_ms = $3, scope = $4 WHERE id = $1",
            found.TokenId,
            request.Hash,
            expiresAt.ToUnixTimeMilliseconds(),
            scope.Text);
        return new Renewal(RenewalState.Renewed, found.TokenId, scope) { ExpiresAt = expiresAt };
    }

    // The pair that the presented token gives is the one that holds, and nobody has refreshed with it.
    private static bool IsNewest(WriteSession session, string tokenId, RenewToken request) =>
        session.Count("SELECT count(*) FROM refresh_tokens WHERE hash = $1 AND token_id = $2 AND used_ms IS NULL", request.Next.Hash.ToArray(), tokenId) > 0
        && session.Count("SELECT count(*) FROM tokens WHERE id = $1 AND hash = $2", tokenId, request.Hash) > 0;

    private static PresentedRefresh? Presented(WriteSession session, byte[] hash)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText =
            """
            SELECT r.token_id, r.expires_ms, r.used_ms, t.scope, t.client_id, t.access_s, t.expires_ms
            FROM refresh_tokens AS r JOIN tokens AS t ON t.id = r.token_id
            WHERE r.hash = $1 AND t.revoked_ms IS NULL
            """;
        command.Parameters.AddWithValue("$1", hash);
        using var row = command.ExecuteReader();
        return row.Read()
            ? new PresentedRefresh(
                row.GetString(0),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
                row.IsDBNull(2) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
                ScopeParser.ParseStored(row.GetString(3)).Try(out var scope, out _) ? scope : Scope.Nothing,
                row.IsDBNull(4) ? null : row.GetString(4),
                row.IsDBNull(5) ? TokenIssue.StandardLife : TimeSpan.FromSeconds(row.GetInt64(5)),

                // What is refreshed has an end; a row that had none would be no more than refused.
                row.IsDBNull(6) ? DateTimeOffset.MinValue : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)))
            : null;
    }

    private static void Insert(WriteSession session, RefreshRecord refresh, string tokenId) =>
        session.Execute(
            "INSERT INTO refresh_tokens (hash, token_id, created_ms, expires_ms) VALUES ($1, $2, $3, $4)",
            refresh.Hash.ToArray(),
            tokenId,
            refresh.CreatedAt.ToUnixTimeMilliseconds(),
            refresh.ExpiresAt.ToUnixTimeMilliseconds());

    private sealed record PresentedRefresh(string TokenId, DateTimeOffset Expires, DateTimeOffset? UsedAt, Scope Scope, string? ClientId, TimeSpan AccessLife, DateTimeOffset AccessExpires);
}

/// <summary>A refresh on its way.</summary>
/// <param name="Presented">Hash of the refresh token that was presented.</param>
/// <param name="ClientId">The client that asks, or null.</param>
/// <param name="Narrower">The scope to continue with, or null.</param>
/// <param name="Hash">Hash of the new access secret.</param>
/// <param name="Next">The refresh token after this one.</param>
/// <param name="Now">When.</param>
internal sealed record RenewToken(byte[] Presented, string? ClientId, Scope? Narrower, byte[] Hash, RefreshRecord Next, DateTimeOffset Now);

/// <summary>The result of a refresh.</summary>
/// <param name="State">How it ended.</param>
/// <param name="TokenId">The token; null when nobody is notified of it.</param>
/// <param name="Scope">Its scope now.</param>
internal sealed record Renewal(RenewalState State, string? TokenId, Scope Scope)
{
    public static Renewal Unknown { get; } = new(RenewalState.Unknown, TokenId: null, Scope.Nothing);

    /// <summary>When the access secret ends.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>With <see cref="RenewalState.Reused"/>: the ids of the token and of what it minted, all revoked.</summary>
    public IReadOnlyList<string> Ended { get; init; } = [];
}

/// <summary>The outcomes of a refresh.</summary>
internal enum RenewalState
{
    /// <summary>The new secrets hold.</summary>
    Renewed,
    /// <summary>The secrets of the first time hold on; nothing has changed.</summary>
    Repeated,
    /// <summary>The secrets of the first time were asked for with another scope than they have; nothing has changed.</summary>
    OtherScope,
    /// <summary>No such refresh token, or dead, or another client's.</summary>
    Unknown,
    /// <summary>It was used already; the token is revoked now, and what it minted.</summary>
    Reused,
    /// <summary>More scope was asked than the token has; nothing has changed.</summary>
    Exceeds,
}
