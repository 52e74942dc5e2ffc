using Sync.Engine.Identity.Rooms;

namespace Sync.Engine.Services.Rooms;

/// <summary>What a person types to find a room: each word must stand in its id or its name, whatever its case.</summary>
internal sealed class RoomSearch
{
    /// <summary>One search reads at most so many rooms.</summary>
    public const int MaxSearched = 20_000;

    private const int MaxLength = 200;

    private readonly string[] _words;

    private RoomSearch(string[] words) => _words = words;

    /// <summary>Whether it finds every room.</summary>
    public bool IsEmpty => _words.Length == 0;

    public static RoomSearch Of(string text) =>
        new((text.Length <= MaxLength ? text : text[..MaxLength]).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    public bool Matches(RoomRecord room)
    {
        foreach (var word in _words)
        {
            if (!room.Id.Contains(word, StringComparison.OrdinalIgnoreCase) && room.Name?.Contains(word, StringComparison.OrdinalIgnoreCase) != true)
            {
                return false;
            }
        }

        return true;
    }
}
