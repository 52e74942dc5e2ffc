using System.Collections.Immutable;
using Sync.Engine.Identity.Rooms;

namespace Sync.Engine.Runtime;

/// <summary>The lists of rooms that are being looked at. Any thread.</summary>
internal sealed class ActivityWatches
{
    private ImmutableArray<ActivityWatch> _open = [];

    public void Add(ActivityWatch watch) => ImmutableInterlocked.Update(ref _open, static (open, added) => open.Add(added), watch);

    public void Remove(ActivityWatch watch) => ImmutableInterlocked.Update(ref _open, static (open, left) => open.Remove(left), watch);

    /// <summary>Something has happened in a room, or to it.</summary>
    public void Notify(RoomRecord room)
    {
        foreach (var watch in _open)
        {
            watch.Notify(room);
        }
    }
}
