using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Rooms;

/// <content>What goes on in the rooms of a list.</content>
public sealed partial class RoomService
{
    /// <summary>Keeps <see cref="ActivityAsync"/> current: open it first, read, and read again whenever it has changed.</summary>
    public Outcome<ActivityWatch> WatchActivity(Caller caller) =>
        caller.IsAnonymous ? RoomAuthorizer.Anonymous : new ActivityWatch(_directory.Watches, _access.Notices, caller, room => _access.Of(caller, room).Level > AccessLevel.None);

    /// <summary>Rooms the caller can read, each with who is present and when its last event was; the liveliest first.</summary>
    /// <remarks>Rooms are not loaded for it: in one that is not loaded nobody is present.</remarks>
    public async Task<Outcome<IReadOnlyList<RoomActivity>>> ActivityAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (!List(caller).Try(out var rooms, out var error))
        {
            return error;
        }

        var asleep = new List<long>();
        var activities = new List<(RoomActivity Activity, long Row)>(rooms.Count);
        foreach (var info in rooms)
        {
            if (!_directory.TryFind(info.Id, out var record))
            {
                continue;
            }

            if (_directory.Loaded(record.Row) is { } room)
            {
                var now = room.Now;
                var present = now.State.Agents.Keys.Count(agent => AgentPresence.StatusOf(now.Presence.Of(agent), now.Now) is "active" or "waiting");
                activities.Add((new RoomActivity(info, now.State.Seq == 0 ? null : now.State.UpdatedAt, present), record.Row));
            }
            else
            {
                asleep.Add(record.Row);
                activities.Add((new RoomActivity(info, LastEventAt: null, Present: 0), record.Row));
            }
        }

        var last = asleep.Count == 0 ? null : await _store.LastEventTimesAsync(asleep, cancellationToken).ConfigureAwait(false);
        return Outcome<IReadOnlyList<RoomActivity>>.Of(
        [
            .. activities
                .Select(a => last is not null && last.TryGetValue(a.Row, out var at) ? a.Activity with { LastEventAt = at } : a.Activity)
                .OrderByDescending(a => a.Present > 0)
                .ThenByDescending(a => a.LastEventAt ?? a.Room.CreatedAt)
                .ThenBy(a => a.Room.Id, StringComparer.Ordinal),
        ]);
    }
}

/// <summary>A room in a list, with what goes on in it.</summary>
/// <param name="Room">The room.</param>
/// <param name="LastEventAt">When its newest event was; null for a room without events.</param>
/// <param name="Present">Agents that are active or waiting.</param>
public sealed record RoomActivity(RoomInfo Room, DateTimeOffset? LastEventAt, int Present);
