using System.Diagnostics.CodeAnalysis;

namespace Sync.Web.Mcp.Resources;

/// <summary>The address of something in a room: <c>sync://rooms/ROOM/context</c>, <c>…/help/KEY</c>, <c>…/actions/ACTION</c>.</summary>
internal sealed record RoomUri(string Room, string Part, string? Name)
{
    private const string Prefix = "sync://rooms/";

    public const string Context = "context";
    public const string Help = "help";
    public const string Action = "actions";

    public static string ContextOf(string room) => $"{Prefix}{Uri.EscapeDataString(room)}/{Context}";

    public static bool TryParse(string text, [NotNullWhen(true)] out RoomUri? uri)
    {
        uri = null;
        if (text.Length > 2048 || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var parts = text[Prefix.Length..].Split('/');
        uri = parts switch
        {
            [var room, Context] => new RoomUri(Uri.UnescapeDataString(room), Context, Name: null),
            [var room, Help or Action, var name] => new RoomUri(Uri.UnescapeDataString(room), parts[1], Uri.UnescapeDataString(name)),
            _ => null,
        };
        return uri is { Room.Length: > 0 };
    }
}
