using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Demo;

/// <summary>
/// The demo room as the rest of the app knows it: whether there is one, and a reader's way in. Here, and nowhere else outside the demo's own
/// agents, the server's authority is used for somebody who showed no token; what leaves this class can only be read.
/// </summary>
internal sealed class DemoAccess(SyncEngine engine, DemoAudience audience)
{
    /// <summary>The demo room's id.</summary>
    public const string Room = "demo";

    /// <summary>The demo room's name; with the absence of members it tells the demo from a user's room of the same id.</summary>
    public const string Name = "Demo: a small task queue";

    private const string CopyName = "Sandbox";

    private static readonly SyncError s_none = new(ErrorCode.RoomNotFound, "This server has no demo room.") { Hint = "Make a room from a template instead." };

    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Told once by the demo when it has or has not made its room.</summary>
    public void Open(bool exists) => _ready.TrySetResult(exists);

    /// <summary>Whether this server has a demo room, known shortly after start.</summary>
    public Task<bool> ExistsAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(cancellationToken);

    /// <summary>Whether a room is the demo: no one's, and made by it. A room that a user created or claimed is theirs, and private.</summary>
    public static bool IsDemo(RoomInfo room) => room is { Id: Room, Name: Name, Members.Count: 0 };

    /// <summary>
    /// Makes a copy of the demo as it is now that belongs to a person, to try things in. What they read of it is what its audience reads; that they may make rooms, is asked of them.
    /// </summary>
    /// <remarks>Errors: <c>room_not_found</c> without a demo, and those of making a room.</remarks>
    public async Task<Outcome<RoomCreated>> CopyAsync(Caller person, CancellationToken cancellationToken)
    {
        var reader = Caller.SystemReader(Room);
        if (!await ExistsAsync(cancellationToken) || !(await engine.Rooms.GetAsync(reader, Room, cancellationToken)).Try(out var room, out _) || !IsDemo(room))
        {
            return s_none;
        }

        return await engine.Rooms.ForkAsync(person, reader, Room, new ForkRoom(Id: null, CopyName, JoinPolicy.Members, At: null) { IdFromName = true }, cancellationToken);
    }

    /// <summary>A place in the audience, or null when <paramref name="room"/> is not the demo room.</summary>
    public async Task<DemoWatch?> WatchAsync(string room, CancellationToken cancellationToken)
    {
        if (room != Room || !await ExistsAsync(cancellationToken))
        {
            return null;
        }

        var reader = Caller.SystemReader(Room);
        var watched = await engine.Live.WatchAsync(reader, Room, cancellationToken);
        if (!watched.Try(out var watch, out _))
        {
            return null;
        }

        if (!IsDemo(watch.Current.Info))
        {
            watch.Dispose();
            return null;
        }

        return new DemoWatch(watch, reader, audience.Enter());
    }
}
