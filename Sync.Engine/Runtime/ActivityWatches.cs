using System.Collections.Immutable;
using Sync.Engine.Identity.Rooms;

namespace Sync.Engine.Runtime;

/// <summary>Whoever follows what happens in rooms: lists of rooms that are being looked at, inboxes. Any thread.</summary>
internal sealed class ActivityWatches
{
    private ImmutableArray<IActivityListener> _open = [];

    public void Add(IActivityListener listener) => ImmutableInterlocked.Update(ref _open, static (open, added) => open.Add(added), listener);

    public void Remove(IActivityListener listener) => ImmutableInterlocked.Update(ref _open, static (open, left) => open.Remove(left), listener);

    /// <summary>Something has happened in a room, or to it.</summary>
    public void Notify(RoomRecord room)
    {
        foreach (var listener in _open)
        {
            listener.Notify(room);
        }
    }
}
