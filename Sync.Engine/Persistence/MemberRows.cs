using System.Collections.Immutable;

namespace Sync.Engine.Persistence;

/// <summary>A room's members as they stand in an open transaction.</summary>
internal sealed class MemberRows(WriteSession work, long room)
{
    /// <summary>Whether the room is there and not being deleted.</summary>
    public bool RoomExists => work.Count("SELECT count(*) FROM rooms WHERE row = $1 AND deleted_ms IS NULL", room) > 0;

    /// <summary>Role by user id.</summary>
    public ImmutableDictionary<string, Role> All() =>
        work.All("SELECT user_id, role FROM members WHERE room = $1", static row => KeyValuePair.Create(row.GetString(0), Enum.Parse<Role>(row.GetString(1))), room)
            .ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The role of a user, or null.</summary>
    public Role? Of(string userId) =>
        work.First("SELECT role FROM members WHERE room = $1 AND user_id = $2", static row => row.GetString(0), room, userId) is { } role ? Enum.Parse<Role>(role) : null;

    /// <summary>Whether this user is an owner and nobody else is.</summary>
    public bool IsLastOwner(string userId) =>
        Of(userId) == Role.Owner && work.Count("SELECT count(*) FROM members WHERE room = $1 AND role = 'Owner' AND user_id <> $2", room, userId) == 0;

    public void Set(string userId, Role role) =>
        work.Execute(
            "INSERT INTO members (room, user_id, role) VALUES ($1, $2, $3) ON CONFLICT (room, user_id) DO UPDATE SET role = excluded.role",
            room,
            userId,
            role.ToString());

    public void Remove(string userId) => work.Execute("DELETE FROM members WHERE room = $1 AND user_id = $2", room, userId);
}
