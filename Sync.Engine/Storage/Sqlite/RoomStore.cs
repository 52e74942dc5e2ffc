using System.Collections.Immutable;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Rooms on disk: the catalogue (here), their events, snapshots and presence (the other parts of this class).
/// <para>Stateless and thread-safe. Reads see what was committed before they began. Writes complete after COMMIT.</para>
/// </summary>
internal sealed partial class RoomStore(Database database, TimeProvider time)
{
    /// <summary>Every room, in order of creation.</summary>
    public Task<IReadOnlyList<RoomRecord>> LoadAllAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RoomRecord>>(
            static reader => reader.AtOneMoment(static reader =>
            {
                var members = reader
                    .All($"SELECT room, {MemberRows.Columns} FROM members", static row => (Room: row.GetInt64(0), Member: MemberRows.Map(row)))
                    .ToLookup(found => found.Room, found => found.Member);
                var invited = reader
                    .All($"SELECT room, {MemberRows.InvitedColumns} FROM invited_names", static row => (Room: row.GetInt64(0), Invited: MemberRows.MapInvited(row)))
                    .ToLookup(found => found.Room, found => found.Invited);
                var removed = reader
                    .All("SELECT room, user_id FROM removed_members", static row => (Room: row.GetInt64(0), User: row.GetString(1)))
                    .ToLookup(found => found.Room, found => found.User);
                return reader.All(
                    "SELECT row, id, name, join_policy, created_ms FROM rooms WHERE deleted_ms IS NULL ORDER BY row",
                    row => new RoomRecord
                    {
                        Row = row.GetInt64(0),
                        Id = row.GetString(1),
                        Name = row.IsDBNull(2) ? null : row.GetString(2),
                        Join = Enum.Parse<JoinPolicy>(row.GetString(3)),
                        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                        Members = members[row.GetInt64(0)].ToImmutableDictionary(StringComparer.Ordinal),
                        Invited = InvitedName.None.AddRange(invited[row.GetInt64(0)]),
                        Removed = [.. removed[row.GetInt64(0)]],
                    });
            }),
            cancellationToken);

    /// <summary>Creates a room with its owner and its legacy tokens, all or nothing. Null when a room of exactly this id exists.</summary>
    /// <param name="tokens">The room's own tokens; see <see cref="LegacyToken"/>.</param>
    /// <param name="id">Compared exactly, with case.</param>
    /// <param name="name">A human name, or null.</param>
    /// <param name="join">Who may join without a token.</param>
    /// <param name="ownerUserId">Its first owner, or null for a room without members.</param>
    /// <param name="createdAt">When; kept to the millisecond.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    public Task<RoomRecord?> CreateAsync(
        string id,
        string? name,
        JoinPolicy join,
        string? ownerUserId,
        DateTimeOffset createdAt,
        IEnumerable<LegacyToken> tokens,
        CancellationToken cancellationToken)
    {
        var made = tokens.ToList();
        return database.WriteAsync(
            context =>
            {
                if (context.Rooms.Any(room => room.Id == id))
                {
                    return null;
                }

                var room = new StoredRoom { Id = id, Name = name, Join = join, CreatedMs = createdAt.ToUnixTimeMilliseconds() };
                context.Rooms.Add(room);
                context.SaveChanges();
                var members = ImmutableDictionary.Create<string, Member>(StringComparer.Ordinal);
                if (ownerUserId is not null)
                {
                    context.Members.Add(new StoredMember { Room = room.Row, UserId = ownerUserId, Role = Role.Owner });
                    members = members.Add(ownerUserId, new Member(Role.Owner));
                }

                context.Tokens.AddRange(made.Select(token => token.ToStored(room.Row)));
                return new RoomRecord
                {
                    Row = room.Row,
                    Id = id,
                    Name = name,
                    Join = join,
                    CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(room.CreatedMs),
                    Members = members,
                };
            },
            cancellationToken);
    }

    /// <summary>Stores name and join policy.</summary>
    public Task UpdateAsync(RoomRecord room, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session => session.Execute("UPDATE rooms SET name = $1, join_policy = $2 WHERE row = $3", room.Name, room.Join.ToString(), room.Row),
            cancellationToken);
}
