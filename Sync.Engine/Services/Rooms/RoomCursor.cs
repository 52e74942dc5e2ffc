using System.Globalization;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Rooms;

/// <summary>
/// A place in a list of rooms, as text: <c>ID@MILLISECONDS</c>, the room's id and when it was created. It stays a place when the room is gone. No id holds an <c>@</c>, so
/// an id alone is told apart.
/// </summary>
/// <param name="Place">The place.</param>
internal readonly record struct RoomCursor(RoomPosition Place)
{
    private const char Separator = '@';

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Place.Id}{Separator}{Place.AtMs}");

    public static RoomCursor Of(RoomInfo room) => new(new RoomPosition(room.CreatedAt.ToUnixTimeMilliseconds(), room.Id));

    /// <summary>Reads a place; false for what is none, an id alone among it.</summary>
    public static bool TryParse(string text, out RoomCursor cursor)
    {
        cursor = default;
        var at = text.LastIndexOf(Separator);
        if (at < 0 || Identifiers.CheckRoomId(text[..at]) is not null || !long.TryParse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms))
        {
            return false;
        }

        cursor = new RoomCursor(new RoomPosition(ms, text[..at]));
        return true;
    }
}
