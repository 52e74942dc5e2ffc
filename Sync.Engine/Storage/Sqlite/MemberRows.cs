using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// A room's members, and the names invited into it, as they stand in an open transaction. A user who has not taken a role up is a member who is pending, and an
/// invited name besides; a name that no user has is an invited name alone, so whoever invites sees the same of both.
/// </summary>
internal sealed class MemberRows(WriteSession work, long room)
{
    /// <summary>Columns that <see cref="Map"/> reads, behind one that stands first.</summary>
    public const string Columns = "user_id, role, via_open, pending";

    /// <summary>Columns that <see cref="MapInvited"/> reads, behind one that stands first.</summary>
    public const string InvitedColumns = "name, role, invited_by, created_ms";

    /// <summary>Whether the room is there and not being deleted.</summary>
    public bool RoomExists => work.Count("SELECT count(*) FROM rooms WHERE row = $1 AND deleted_ms IS NULL", room) > 0;

    /// <summary>The room's id; null when there is no such room.</summary>
    public string? RoomId => work.First("SELECT id FROM rooms WHERE row = $1", static row => row.GetString(0), room);

    /// <summary>Members by user id.</summary>
    public ImmutableDictionary<string, Member> All() =>
        work.All($"SELECT room, {Columns} FROM members WHERE room = $1", Map, room).ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>Invited names.</summary>
    public ImmutableDictionary<string, InvitedName> Invited() =>
        InvitedName.None.AddRange(work.All($"SELECT room, {InvitedColumns} FROM invited_names WHERE room = $1", MapInvited, room));

    /// <summary>Whether nobody has a role here and nobody was invited.</summary>
    public bool IsOrphan => work.Count("SELECT (SELECT count(*) FROM members WHERE room = $1) + (SELECT count(*) FROM invited_names WHERE room = $1)", room) == 0;

    /// <summary>The user of a name, compared without case; null when there is none.</summary>
    public UserRecord? UserNamed(string name) =>
        work.First("SELECT id, name, created_ms, is_admin FROM users WHERE name = $1", static row => AccessStore.MapUser(row, 0), name);

    /// <summary>How a user stands, or null.</summary>
    public Member? Of(string userId) =>
        work.All($"SELECT room, {Columns} FROM members WHERE room = $1 AND user_id = $2", Map, room, userId) is [var (_, member)] ? member : null;

    /// <summary>Whether this user is an owner and nobody else is. Whoever has not taken the role up does not count: they may refuse it.</summary>
    public bool IsLastOwner(string userId) =>
        Of(userId) is { Role: Role.Owner, Pending: false }
        && work.Count("SELECT count(*) FROM members WHERE room = $1 AND role = 'Owner' AND pending = 0 AND user_id <> $2", room, userId) == 0;

    /// <summary>Users whom an owner took out of the room and nobody has asked back.</summary>
    public ImmutableHashSet<string> Removed() =>
        [.. work.All("SELECT user_id FROM removed_members WHERE room = $1", static row => row.GetString(0), room)];

    /// <summary>Whether an owner took the user out of the room and nobody has asked them back.</summary>
    public bool IsRemoved(string userId) => work.Count("SELECT count(*) FROM removed_members WHERE room = $1 AND user_id = $2", room, userId) > 0;

    /// <summary>Stores how a user stands: whoever has a role is not removed any more.</summary>
    public void Set(string userId, Member member)
    {
        work.Execute("DELETE FROM removed_members WHERE room = $1 AND user_id = $2", room, userId);
        work.Execute(
            """
            INSERT INTO members (room, user_id, role, via_open, pending) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (room, user_id) DO UPDATE SET role = excluded.role, via_open = excluded.via_open, pending = excluded.pending
            """,
            room,
            userId,
            member.Role.ToString(),
            member.ViaOpen,
            member.Pending);
    }

    /// <summary>Gives a role that was asked for, or taken up by whoever it is given to: no invitation of that name is left.</summary>
    public void Settle(UserRecord user, Member member)
    {
        Set(user.Id, member with { Pending = false });
        RemoveInvited(user.Name);
    }

    /// <summary>Takes a user's role away who gives it up, and with it what the user made of the room's own tokens: <see cref="Ended"/>.</summary>
    public void Remove(string userId, DateTimeOffset now) => Remove(userId, evicted: false, now);

    /// <summary>Takes a user's role away against their will: they come back by invitation only, and what joined as nobody with a token of theirs ends too.</summary>
    public void Evict(string userId, DateTimeOffset now)
    {
        Remove(userId, evicted: true, now);
        NoteRemoved(userId);
    }

    /// <summary>Notes that a user was taken out of the room.</summary>
    public void NoteRemoved(string userId) => work.Execute("INSERT INTO removed_members (room, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", room, userId);

    /// <summary>The ids of tokens that were revoked with a role.</summary>
    public IReadOnlyList<string> Ended { get; private set; } = [];

    /// <summary>How many names are invited.</summary>
    public long CountInvited() => work.Count("SELECT count(*) FROM invited_names WHERE room = $1", room);

    /// <summary>The invited name, or null.</summary>
    public InvitedName? InvitedAs(string name) =>
        work.All($"SELECT room, {InvitedColumns} FROM invited_names WHERE room = $1 AND name = $2", MapInvited, room, name) is [var (_, invited)] ? invited : null;

    /// <summary>Stores an invited name; the last invitation counts.</summary>
    public void Invite(InvitedName invited)
    {
        RemoveInvited(invited.Name);
        work.Execute(
            $"INSERT INTO invited_names (room, {InvitedColumns}) VALUES ($1, $2, $3, $4, $5)",
            room,
            invited.Name,
            invited.Role.ToString(),
            invited.InvitedBy,
            invited.At.ToUnixTimeMilliseconds());
    }

    /// <summary>Removes an invited name; false when there is none.</summary>
    public bool RemoveInvited(string name) => work.Execute("DELETE FROM invited_names WHERE room = $1 AND name = $2", room, name) > 0;

    /// <summary>A row of a room and <see cref="Columns"/>.</summary>
    public static KeyValuePair<string, Member> Map(SqliteDataReader row) =>
        KeyValuePair.Create(row.GetString(1), new Member(Enum.Parse<Role>(row.GetString(2))) { ViaOpen = row.GetBoolean(3), Pending = row.GetBoolean(4) });

    /// <summary>A row of a room and <see cref="InvitedColumns"/>.</summary>
    public static KeyValuePair<string, InvitedName> MapInvited(SqliteDataReader row) =>
        KeyValuePair.Create(
            row.GetString(1),
            new InvitedName(row.GetString(1), Enum.Parse<Role>(row.GetString(2)), row.IsDBNull(3) ? null : row.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4))));

    private void Remove(string userId, bool evicted, DateTimeOffset now)
    {
        work.Execute("DELETE FROM members WHERE room = $1 AND user_id = $2", room, userId);
        Ended = [.. Ended, .. AccessStore.RevokeMadeBy(work, room, userId, evicted, now)];
    }
}
