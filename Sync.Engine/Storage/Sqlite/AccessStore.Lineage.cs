using System.Text.Json;

namespace Sync.Engine.Storage.Sqlite;

/// <content>
/// Which token minted which. The tree is walked in the database: an access secret's hour takes a token out of memory, and out of no lineage.
/// </content>
internal sealed partial class AccessStore
{
    /// <summary>The token $1 and everything that it minted, and what that minted.</summary>
    private const string Below = "WITH RECURSIVE below(id) AS (SELECT $1 UNION SELECT child.id FROM tokens AS child JOIN below ON child.parent = below.id)";

    /// <summary>Whether one token minted another, or what minted it; a token is of its own lineage.</summary>
    public Task<bool> IsBelowAsync(string id, string ancestor, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First($"{Below} SELECT count(*) FROM below WHERE id = $2", static row => row.GetInt64(0), ancestor, id) > 0, cancellationToken);

    /// <summary>The ids of a token and of everything that it minted.</summary>
    public Task<IReadOnlyList<string>> BelowAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>>(reader => reader.All($"{Below} SELECT id FROM below", static row => row.GetString(0), id), cancellationToken);

    /// <summary>Revokes tokens with everything that they minted, inside a transaction of more. Answers the ids of all.</summary>
    public static IReadOnlyList<string> Revoke(WriteSession session, IReadOnlyCollection<string> ids, DateTimeOffset now)
    {
        var ended = session.All(
            """
            WITH RECURSIVE ended(id) AS (SELECT value FROM json_each($1) UNION SELECT child.id FROM tokens AS child JOIN ended ON child.parent = ended.id)
            SELECT id FROM ended
            """,
            static row => row.GetString(0),
            JsonSerializer.Serialize([.. ids], AccessJson.Default.IReadOnlyListString));
        foreach (var id in ended)
        {
            session.Execute("DELETE FROM refresh_tokens WHERE token_id = $1", id);
            session.Execute("UPDATE tokens SET revoked_ms = coalesce(revoked_ms, $2) WHERE id = $1", id, now.ToUnixTimeMilliseconds());
        }

        return ended;
    }

    /// <summary>Revokes what a user made of a room's own tokens, and on removal those that the user's tokens joined with as nobody, inside a transaction of more. Answers the ids.</summary>
    public static IReadOnlyList<string> RevokeMadeBy(WriteSession session, long room, string userId, bool joined, DateTimeOffset now) =>
        Revoke(
            session,
            session.All("SELECT id FROM tokens WHERE room = $1 AND (user_id = $2 OR ($3 AND joined_by = $2)) AND revoked_ms IS NULL", static row => row.GetString(0), room, userId, joined),
            now);

    /// <summary>
    /// Whether a token that is to be the parent of another still lives: asked in the transaction that stores the child, so that no revocation comes in between. A
    /// person, null, always does.
    /// </summary>
    private static bool MayHaveChildren(WriteSession session, string? parent, DateTimeOffset now) =>
        parent is null
        || session.Count(
            """
            SELECT count(*) FROM tokens AS t WHERE t.id = $1 AND t.revoked_ms IS NULL AND (t.expires_ms IS NULL OR t.expires_ms > $2
                OR EXISTS (SELECT 1 FROM refresh_tokens AS r WHERE r.token_id = t.id AND r.used_ms IS NULL AND r.expires_ms > $2))
            """,
            parent,
            now.ToUnixTimeMilliseconds()) > 0;
}
