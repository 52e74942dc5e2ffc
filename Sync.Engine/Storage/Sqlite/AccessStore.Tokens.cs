using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Storage.Sqlite;

/// <content>Users' tokens: issue, list, prune.</content>
internal sealed partial class AccessStore
{
    private const string Refreshable =
        "EXISTS (SELECT 1 FROM refresh_tokens AS r WHERE r.token_id = t.id AND r.used_ms IS NULL AND r.expires_ms > $2)";

    /// <summary>
    /// Stores a token of a user who exists, with what refreshes it. Of the user's dead ones only the newest as many are kept, so that whoever mints and revokes
    /// in a loop does not fill the disk.
    /// </summary>
    /// <param name="issue">The token.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="max">How many may live.</param>
    /// <param name="maxMinted">How many of these may have been minted by tokens; the rest is the person's.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    public Task<IssueState> IssueAsync(TokenIssue issue, string userId, int max, int maxMinted, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session =>
            {
                var now = issue.Token.CreatedAt;
                if (!MayHaveChildren(session, issue.Token.Parent, now))
                {
                    return IssueState.ParentGone;
                }

                var (live, minted) = session.First(
                    $"""
                    SELECT count(*), count(t.parent) FROM tokens AS t
                    WHERE user_id = $1 AND room IS NULL AND kind = 'Token' AND revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > $2 OR {Refreshable})
                    """,
                    static row => (row.GetInt64(0), row.GetInt64(1)),
                    userId,
                    now.ToUnixTimeMilliseconds());
                if (live >= max || (issue.Token.Parent is not null && minted >= maxMinted))
                {
                    return IssueState.TooMany;
                }

                session.Execute(
                    $"""
                    DELETE FROM tokens WHERE id IN (
                        SELECT t.id FROM tokens AS t
                        WHERE user_id = $1 AND room IS NULL AND kind = 'Token' AND NOT (revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > $2 OR {Refreshable}))
                            AND NOT EXISTS (SELECT 1 FROM tokens AS child WHERE child.parent = t.id AND child.revoked_ms IS NULL)
                        ORDER BY coalesce(revoked_ms, expires_ms) DESC LIMIT -1 OFFSET $3)
                    """,
                    userId,
                    now.ToUnixTimeMilliseconds(),
                    max);
                Issue(session, issue, userId);
                return IssueState.Issued;
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
        ListAsync("t.user_id = $1 AND t.room IS NULL AND t.kind = 'Token'", userId, now, since, cancellationToken);

    /// <summary>A room's own tokens, in the same way.</summary>
    public Task<IReadOnlyList<ListedToken>> ListRoomTokensAsync(long room, DateTimeOffset now, DateTimeOffset since, CancellationToken cancellationToken) =>
        ListAsync("t.room = $1", room, now, since, cancellationToken);

    private Task<IReadOnlyList<ListedToken>> ListAsync(string which, object whose, DateTimeOffset now, DateTimeOffset since, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ListedToken>>(
            reader => reader.All(
                $"""
                SELECT {TokenColumns}, {Refreshable} AS refreshable FROM {TokenTables}
                WHERE {which}
                    AND (t.revoked_ms IS NULL OR t.revoked_ms > $3)
                    AND (t.expires_ms IS NULL OR t.expires_ms > $3 OR {Refreshable})
                ORDER BY t.created_ms DESC, t.id
                """,
                MapListed,
                whose,
                now.ToUnixTimeMilliseconds(),
                since.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>The token of an id, dead or alive; null when there is none.</summary>
    public Task<ListedToken?> FindListedTokenAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.First($"SELECT {TokenColumns}, {Refreshable} AS refreshable FROM {TokenTables} WHERE t.id = $1", MapListed, id, now.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>
    /// Ends what a token minted that nothing can renew any more, removes tokens that died before <paramref name="deadBefore"/> and that nothing can refresh, and
    /// refresh tokens past their life. Answers the ids of the ended and of the removed tokens.
    /// </summary>
    public Task<(IReadOnlyList<string> Ended, IReadOnlyList<string> Removed)> PruneAsync(DateTimeOffset now, DateTimeOffset deadBefore, CancellationToken cancellationToken) =>
        database.ExecuteAsync<(IReadOnlyList<string>, IReadOnlyList<string>)>(
            session =>
            {
                session.Execute("DELETE FROM refresh_tokens WHERE expires_ms <= $1", now.ToUnixTimeMilliseconds());
                var orphans = session.All(
                    $"""
                    SELECT child.id FROM tokens AS child LEFT JOIN tokens AS t ON t.id = child.parent
                    WHERE child.parent IS NOT NULL AND child.revoked_ms IS NULL
                        AND (t.id IS NULL OR t.revoked_ms IS NOT NULL OR (t.expires_ms <= $1 AND NOT {Refreshable}))
                    """,
                    static row => row.GetString(0),
                    now.ToUnixTimeMilliseconds(),
                    now.ToUnixTimeMilliseconds());
                var ended = orphans.Count == 0 ? [] : Revoke(session, orphans, now);
                return (ended, session.All(
                    $"DELETE FROM tokens AS t WHERE t.revoked_ms < $1 OR (t.expires_ms < $1 AND NOT {Refreshable}) RETURNING id",
                    static row => row.GetString(0),
                    deadBefore.ToUnixTimeMilliseconds(),
                    now.ToUnixTimeMilliseconds()));
            },
            cancellationToken);

    private static ListedToken MapListed(SqliteDataReader row) => new(MapToken(row), row.GetBoolean(row.GetOrdinal("refreshable")));
}

/// <summary>A token as it stands on disk, and whether a live refresh token belongs to it.</summary>
internal sealed record ListedToken(StoredTokenState State, bool Refreshable);

/// <summary>The outcomes of storing a token.</summary>
internal enum IssueState
{
    /// <summary>It is there.</summary>
    Issued,
    /// <summary>The user has as many live ones already.</summary>
    TooMany,
    /// <summary>The token that minted it was revoked meanwhile.</summary>
    ParentGone,
}
