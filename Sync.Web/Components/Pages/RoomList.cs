using Sync.Engine.Identity.Rooms;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Components.Pages;

/// <summary>A list of rooms as it is shown: pinned ones first, then those where somebody is, then the others; or only what a search finds.</summary>
internal sealed record RoomList(IReadOnlyList<RoomActivity> Pinned, IReadOnlyList<RoomActivity> Live, IReadOnlyList<RoomActivity> Quiet)
{
    public bool IsEmpty => Pinned.Count + Live.Count + Quiet.Count == 0;

    public static RoomList Of(IReadOnlyList<RoomActivity> rooms, IReadOnlySet<string> pins, string query)
    {
        var words = query.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var found = rooms.Where(room => Array.TrueForAll(words, word => Has(room.Room, word))).ToList();
        return new RoomList(
            [.. found.Where(room => pins.Contains(room.Room.Id))],
            [.. found.Where(room => !pins.Contains(room.Room.Id) && room.Present > 0)],
            [.. found.Where(room => !pins.Contains(room.Room.Id) && room.Present == 0)]);
    }

    private static bool Has(RoomInfo room, string word) =>
        room.Id.Contains(word, StringComparison.OrdinalIgnoreCase) || room.Name?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
}
