using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Links for new passkeys on disk. Stateless and thread-safe. Looked up at each use, never kept in memory: a command beside the running server makes them too.
/// Only the hash of a secret gets here.
/// </summary>
internal sealed class PasskeyLinkStore(Database database)
{
    private const string Columns = "u.name, m.name, l.created_ms, l.expires_ms";
    private const string Tables = "passkey_links AS l JOIN users AS u ON u.id = l.user_id LEFT JOIN users AS m ON m.id = l.made_by";

    /// <summary>Stores a link in the place of the user's one before. Refused while nobody has a passkey: the setup link is the way in then, and makes its user an administrator.</summary>
    public Task<Outcome<PasskeyLinkInfo>> AddAsync(StoredPasskeyLink link, CancellationToken cancellationToken) =>
        database.ExecuteAsync<Outcome<PasskeyLinkInfo>>(
            work =>
            {
                if (!UserStore.AnyPasskey(work))
                {
                    return UserErrors.SetupFirst;
                }

                work.Execute("DELETE FROM passkey_links WHERE user_id = $1 OR expires_ms <= $2", link.UserId, link.CreatedMs);
                work.Execute(
                    "INSERT INTO passkey_links (id, hash, user_id, made_by, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6)",
                    link.Id,
                    link.Hash,
                    link.UserId,
                    link.MadeBy,
                    link.CreatedMs,
                    link.ExpiresMs);
                return work.First($"SELECT {Columns} FROM {Tables} WHERE l.id = $1", Map, link.Id)!; // Inserted above.
            },
            cancellationToken);

    /// <summary>The user whose live link has this hash; null when there is none.</summary>
    public Task<UserRecord?> FindAsync(byte[] hash, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First(ByHash, static row => AccessStore.MapUser(row, 0), hash, now.ToUnixTimeMilliseconds()), cancellationToken);

    /// <summary>A user's live link; null when there is none.</summary>
    public Task<PasskeyLinkInfo?> OfAsync(string userId, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First($"SELECT {Columns} FROM {Tables} WHERE l.user_id = $1 AND l.expires_ms > $2", Map, userId, now.ToUnixTimeMilliseconds()), cancellationToken);

    /// <summary>Ends a user's link; false when there is none.</summary>
    public Task<bool> RemoveAsync(string userId, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => Remove(work, userId), cancellationToken);

    /// <summary>As <see cref="FindAsync"/>, in a transaction that uses the link up.</summary>
    public static UserRecord? Find(WriteSession work, byte[] hash, DateTimeOffset now) =>
        work.First(ByHash, static row => AccessStore.MapUser(row, 0), hash, now.ToUnixTimeMilliseconds());

    /// <summary>Ends a user's link.</summary>
    public static bool Remove(WriteSession work, string userId) => work.Execute("DELETE FROM passkey_links WHERE user_id = $1", userId) > 0;

    private const string ByHash =
        "SELECT u.id, u.name, u.created_ms, u.is_admin FROM passkey_links AS l JOIN users AS u ON u.id = l.user_id WHERE l.hash = $1 AND l.expires_ms > $2";

    private static PasskeyLinkInfo Map(SqliteDataReader row) => new(
        row.GetString(0),
        row.IsDBNull(1) ? null : row.GetString(1),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)));
}
