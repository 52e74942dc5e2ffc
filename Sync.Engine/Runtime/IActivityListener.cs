using Sync.Engine.Identity.Rooms;

namespace Sync.Engine.Runtime;

/// <summary>Told of everything that happens in rooms and to them.</summary>
internal interface IActivityListener
{
    /// <summary>Something has happened in a room, or to it. Called for every commit, on the thread that made it: quick, and it throws nothing.</summary>
    void Notify(RoomRecord room);
}
