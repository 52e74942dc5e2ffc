using Microsoft.Data.Sqlite;

namespace Sync.Engine.Persistence;

/// <content>Users' tokens: issue, list, prune.</content>
internal sealed partial class AccessStore
{
    private const string Refreshable =
        "EXISTS (SELECT 1 FROM refresh_tokens AS r WHERE r.token_id = t.id AND r.used_ms IS NULL AND r.expires_ms > $2)";

    /// <summary>Stores a token of a user who exists, with what refreshes it; false when the user has as many live ones already.</summary>
    public Task<bool> IssueAsync(TokenIssue issue, string userId, int most, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session =>
            {
                var live = session.Count(
                    $"SELECT count(*) FROM tokens AS t WHERE user_id = $1 AND room IS NULL AND kind = 'Token' AND revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > $2 OR {Refreshable})",
                    userId,
                    issue.Token.CreatedAt.ToUnixTimeMilliseconds());
                if (live >= most)
                {
                    return false;
                }

                Issue(session, issue, userId);
                return true;
            },
            cancellationToken);

    /// <summary>As <see cref="IssueAsync"/>, inside a transaction of more.</summary>
    public static void Issue(WriteSession session, TokenIssue issue, string userId)
    {
        Insert(session, issue.Token, userId);
        if (issue.Refresh is { } refresh)
        {
            Insert(session, refresh, issue.Token.Id);
        }
    }

    /// <summary>A user's tokens, never sessions, newest first; of the dead ones those that died after <paramref name="since"/>.</summary>
    public Task<IReadOnlyList<ListedToken>> ListTokensAsync(string userId, DateTimeOffset now, DateTimeOffset since, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ListedToken>>(
            reader => reader.All(
                $"""
                SELECT {TokenColumns}, {Refreshable} AS refreshable FROM {TokenTables}
                WHERE t.user_id = $1 AND t.room IS NULL AND t.kind = 'Token'
                    AND (t.revoked_ms IS NULL OR t.revoked_ms > $3)
                    AND (t.expires_ms IS NULL OR t.expires_ms > $3 OR {Refreshable})
                ORDER BY t.created_ms DESC, t.id
                """,
                MapListed,
                userId,
                now.ToUnixTimeMilliseconds(),
                since.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>The token of an id, dead or alive; null when there is none.</summary>
    public Task<ListedToken?> FindListedTokenAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.First($"SELECT {TokenColumns}, {Refreshable} AS refreshable FROM {TokenTables} WHERE t.id = $1", MapListed, id, now.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>
    /// Removes tokens that died before <paramref name="deadBefore"/> and that nothing can refresh, and refresh tokens past their life. Answers the ids of the
    /// removed tokens.
    /// </summary>
    public Task<IReadOnlyList<string>> PruneAsync(DateTimeOffset now, DateTimeOffset deadBefore, CancellationToken cancellationToken) =>
        database.ExecuteAsync<IReadOnlyList<string>>(
            session =>
            {
                session.Execute("DELETE FROM refresh_tokens WHERE expires_ms <= $1", now.ToUnixTimeMilliseconds());
                using var command = session.Connection.CreateCommand();
                command.CommandText = $"DELETE FROM tokens AS t WHERE t.revoked_ms < $1 OR (t.expires_ms < $1 AND NOT {Refreshable}) RETURNING id";
                command.Parameters.AddWithValue("$1", deadBefore.ToUnixTimeMilliseconds());
                command.Parameters.AddWithValue("$2", now.ToUnixTimeMilliseconds());
                List<string> removed = [];
                using var rows = command.ExecuteReader();
                while (rows.Read())
                {
                    removed.Add(rows.GetString(0));
                }

                return removed;
            },
            cancellationToken);

    private static int Revoke(WriteSession session, string id, DateTimeOffset now)
    {
        session.Execute("DELETE FROM refresh_tokens WHERE token_id = $1", id);
        return session.Execute("UPDATE tokens SET revoked_ms = coalesce(revoked_ms, $2) WHERE id = $1", id, now.ToUnixTimeMilliseconds());
    }

    private static ListedToken MapListed(SqliteDataReader row) => new(MapToken(row), row.GetBoolean(row.GetOrdinal("refreshable")));
}

/// <summary>A token as it stands on disk, and whether a live refresh token belongs to it.</summary>
internal sealed record ListedToken(StoredTokenState State, bool Refreshable);
