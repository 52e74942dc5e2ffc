namespace Sync.Engine;

/// <summary>One room's grant in a <see cref="Scope"/>.</summary>
/// <param name="Room">The room's id.</param>
/// <param name="Level">How much; <see cref="AccessLevel.Write"/> with an agent.</param>
/// <param name="Agent">The only agent it may act as, or null.</param>
internal sealed record RoomGrant(string Room, AccessLevel Level, string? Agent)
{
    /// <summary>The text as it stands in a scope; colons are escaped only where the plain text would be read otherwise.</summary>
    public string Text
    {
        get
        {
            var plain = Write(Room);
            return ScopeParser.ReadRoomGrant(plain.AsSpan("rooms:".Length)) == this ? plain : Write(Room.Replace(":", "%3A", StringComparison.Ordinal));
        }
    }

    /// <summary>How a level is written after a room.</summary>
    public static string Suffix(AccessLevel level) => level switch
    {
        AccessLevel.Read => ":read",
        AccessLevel.Write => ":write",
        _ => "",
    };

    /// <summary>Whether this may be a room's or an agent's id: 1-64 of <c>A-Z a-z 0-9 . _ - :</c>.</summary>
    public static bool IsId(string id)
    {
        if (id.Length is 0 or > 64)
        {
            return false;
        }

        foreach (var character in id)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-' or ':'))
            {
                return false;
            }
        }

        return true;
    }

    private string Write(string room) => Agent is null ? $"rooms:{room}{Suffix(Level)}" : $"rooms:{room}:agent:{Agent}";
}
