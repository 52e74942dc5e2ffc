using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Services;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Components.Manage;

/// <summary>The rooms that a form lets one choose from, looked up as they are asked for.</summary>
/// <param name="Search">Rooms whose id or name has the words of a text, at most so many, the newest first.</param>
/// <param name="Find">A room by its id; null when it is none of the person's.</param>
public sealed record RoomFinder(Func<string, int, RoomMatches> Search, Func<string, RoomInfo?> Find)
{
    /// <summary>The rooms of whoever asks at that moment.</summary>
    public static RoomFinder Of(SyncEngine engine, Func<Caller> caller) => new(
        (text, limit) => engine.Rooms.Search(caller(), text, limit).Try(out var found, out _) ? found : new RoomMatches([], HasMore: false),
        id => engine.Rooms.InLists(caller(), id));
}
