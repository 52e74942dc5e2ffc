using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Invitations;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Invitations on disk. Stateless and thread-safe. One counts as open while it has not expired and its maker still may invite: an owner of the
/// room, or an administrator. That is asked of the rows at the moment of use, so taking a role away takes its holder's links with it.
/// </summary>
internal sealed class InvitationStore(Database database)
{
    private const string Columns = "i.id, r.id, r.name, i.role, u.name, i.created_ms, i.expires_ms, i.room";

    private const string Tables = "invitations AS i JOIN users AS u ON u.id = i.user_id LEFT JOIN rooms AS r ON r.row = i.room";

    /// <summary>$1 is now.</summary>
    private const string IsOpen =
        """
        i.expires_ms > $1 AND CASE WHEN i.room IS NULL THEN u.is_admin
            ELSE r.deleted_ms IS NULL AND EXISTS (SELECT 1 FROM members AS m WHERE m.room = i.room AND m.user_id = i.user_id AND m.role = 'Owner') END
        """;

    private const string ByHash = $"SELECT {Columns} FROM {Tables} WHERE i.hash = $2 AND {IsOpen}";

    /// <summary>Stores an invitation unless its room, or the server, has as many open ones already.</summary>
    public Task<Outcome<InvitationInfo>> AddAsync(StoredInvitation invitation, int max, CancellationToken cancellationToken) =>
        database.ExecuteAsync<Outcome<InvitationInfo>>(
            work =>
            {
                Prune(work, invitation.CreatedMs);
                if (work.Count("SELECT count(*) FROM invitations WHERE room IS $1", invitation.Room) >= max)
                {
                    return new SyncError(ErrorCode.InvalidParameter, $"There are {max} open invitations already.") { Hint = "Take back some that nobody will use." };
                }

                if (invitation.Room is { } room && !new MemberRows(work, room).RoomExists)
                {
                    return new SyncError(ErrorCode.RoomNotFound, "The room was deleted.") { Hint = "It was deleted a moment ago." };
                }

                work.Execute(
                    "INSERT INTO invitations (id, hash, room, role, user_id, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    invitation.Id,
                    invitation.Hash,
                    invitation.Room,
                    invitation.Role?.ToString(),
                    invitation.UserId,
                    invitation.CreatedMs,
                    invitation.ExpiresMs);

                // A role taken away meanwhile leaves a row that opens nothing.
                return Find(work, invitation.Hash, DateTimeOffset.FromUnixTimeMilliseconds(invitation.CreatedMs)) is { Info: var info }
                    ? info
                    : new SyncError(ErrorCode.NotOwner, "You may not invite any more.") { Hint = "Ask an owner." };
            },
            cancellationToken);

    /// <summary>The open invitations of a room, or of the server for null, newest first.</summary>
    public Task<IReadOnlyList<OpenInvitation>> ListAsync(long? room, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<OpenInvitation>>(
            reader => reader.All($"SELECT {Columns} FROM {Tables} WHERE i.room IS $2 AND {IsOpen} ORDER BY i.created_ms DESC, i.id", Map, now.ToUnixTimeMilliseconds(), room),
            cancellationToken);

    /// <summary>The open invitation with this secret; null when there is none.</summary>
    public Task<OpenInvitation?> FindAsync(byte[] hash, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First(ByHash, Map, now.ToUnixTimeMilliseconds(), hash), cancellationToken);

    /// <summary>The open invitation with this id; null when there is none.</summary>
    public Task<OpenInvitation?> FindByIdAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First($"SELECT {Columns} FROM {Tables} WHERE i.id = $2 AND {IsOpen}", Map, now.ToUnixTimeMilliseconds(), id), cancellationToken);

    /// <summary>Takes an invitation back; false when it is gone already.</summary>
    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => Remove(work, id), cancellationToken);

    /// <summary>Removes what nobody can use any more.</summary>
    public Task<int> PruneAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => Prune(work, now.ToUnixTimeMilliseconds()), cancellationToken);

    /// <summary>As <see cref="FindAsync"/>, in a transaction that will use it up.</summary>
    public static OpenInvitation? Find(WriteSession work, byte[] hash, DateTimeOffset now) => work.First(ByHash, Map, now.ToUnixTimeMilliseconds(), hash);

    /// <summary>Uses an invitation up.</summary>
    public static bool Remove(WriteSession work, string id) => work.Execute("DELETE FROM invitations WHERE id = $1", id) > 0;

    private static int Prune(WriteSession work, long nowMs) =>
        work.Execute($"DELETE FROM invitations WHERE id NOT IN (SELECT i.id FROM {Tables} WHERE {IsOpen})", nowMs);

    private static OpenInvitation Map(SqliteDataReader row) => new(
        new InvitationInfo(
            row.GetString(0),
            row.IsDBNull(1) ? null : row.GetString(1),
            row.IsDBNull(2) ? null : row.GetString(2),
            row.IsDBNull(3) ? null : Enum.Parse<Role>(row.GetString(3)),
            row.GetString(4),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6))),
        row.IsDBNull(7) ? null : row.GetInt64(7));
}

/// <summary>An invitation that can be used, and the row of its room.</summary>
internal sealed record OpenInvitation(InvitationInfo Info, long? Room);
