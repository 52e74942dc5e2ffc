using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite;

/// <content>A room that comes into being with its log already written.</content>
internal sealed partial class RoomStore
{
    /// <summary>The epoch that an import writes with; whoever opens the room later acquires a newer one.</summary>
    public const long ImportEpoch = 1;

    /// <summary>A row for a room that does not exist until <see cref="RevealAsync"/>; the next start removes it if that never comes.</summary>
    public Task<long> CreateHiddenAsync(DateTimeOffset createdAt, CancellationToken cancellationToken) =>
        database.WriteAsync(
            context =>
            {
                var room = new StoredRoom
                {
                    // No room can have an id with a space.
                    Id = $"importing {time.GetTimestamp()}",
                    Join = JoinPolicy.Members,
                    Epoch = ImportEpoch,
                    CreatedMs = createdAt.ToUnixTimeMilliseconds(),
                    DeletedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
                };
                context.Rooms.Add(room);
                context.SaveChanges();
                return room.Row;
            },
            cancellationToken);

    /// <summary>Lets the hidden room exist, with its members and whom it removed.</summary>
    public Task RevealAsync(long row, string id, string? name, JoinPolicy join, IEnumerable<(string UserId, Member Member)> members, IEnumerable<string> removed, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session =>
            {
                session.Execute("UPDATE rooms SET id = $2, name = $3, join_policy = $4, deleted_ms = NULL WHERE row = $1", row, id, name, join.ToString());
                var rows = new MemberRows(session, row);
                foreach (var (userId, member) in members)
                {
                    rows.Set(userId, member);
                }

                foreach (var userId in removed)
                {
                    rows.NoteRemoved(userId);
                }

                return true;
            },
            cancellationToken);
}
