using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Identity.Scopes;

/// <summary>One room's grant in a <see cref="Scope"/>.</summary>
/// <param name="Room">The room's id.</param>
/// <param name="Level">How much; <see cref="AccessLevel.Write"/> with an agent.</param>
/// <param name="Agent">The only agent it may act as, or null.</param>
internal sealed record RoomGrant(string Room, AccessLevel Level, string? Agent)
{
    /// <summary>What it shows, with <see cref="AccessLevel.Views"/>; empty with every other level, which reads all of them or none.</summary>
    public ViewSet Views { get; init; } = ViewSet.None;

    /// <summary>The text as it stands in a scope: one part, or one for each view. Colons of the room are escaped only where the plain text would be read otherwise.</summary>
    public string Text => Level == AccessLevel.Views
        ? string.Join(' ', Views.Select(view => TextOf(this with { Views = ViewSet.Of([view]) })))
        : TextOf(this);

    /// <summary>A grant that shows these views.</summary>
    public static RoomGrant OfViews(string room, ViewSet views) => new(room, views.Count == 0 ? AccessLevel.None : AccessLevel.Views, Agent: null) { Views = views };

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

    private static string TextOf(RoomGrant part)
    {
        var plain = part.Write(part.Room);
        return ScopeParser.ReadRoomGrant(plain.AsSpan("rooms:".Length)) == part ? plain : part.Write(part.Room.Replace(":", "%3A", StringComparison.Ordinal));
    }

    private string Write(string room) =>
        Level == AccessLevel.Views ? $"rooms:{room}:view:{ViewIdText.Write(Views[0])}"
        : Agent is null ? $"rooms:{room}{Suffix(Level)}"
        : $"rooms:{room}:agent:{Agent}";
}
