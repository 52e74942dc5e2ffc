using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// People on disk: sessions, passkeys, recovery codes, registration. Stateless and thread-safe. What must hold of several rows at once is
/// checked here, inside the transaction that writes. No secret ever gets here, only its SHA-256.
/// </summary>
internal sealed partial class UserStore(Database database)
{
    /// <summary>Stores a session, and removes those it takes the place of and whatever has expired.</summary>
    public Task<int> AddSessionAsync(TokenRecord session, string userId, IReadOnlyList<string> replaced, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            work =>
            {
                work.Execute("DELETE FROM tokens WHERE kind = 'Session' AND user_id = $1 AND expires_ms <= $2", userId, session.CreatedAt.ToUnixTimeMilliseconds());
                AccessStore.Insert(work, session, userId);
                return RemoveSessions(work, replaced);
            },
            cancellationToken);

    /// <summary>Removes sessions.</summary>
    public Task<int> RemoveSessionsAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => RemoveSessions(work, ids), cancellationToken);

    private static int RemoveSessions(WriteSession work, IReadOnlyList<string> ids)
    {
        var removed = 0;
        foreach (var id in ids)
        {
            removed += work.Execute("DELETE FROM tokens WHERE id = $1 AND kind = 'Session'", id);
        }

        return removed;
    }
}
