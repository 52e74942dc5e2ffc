using System.Collections.Immutable;

namespace Sync.Web.Components.Dashboard;

/// <summary>A panel of the room page that can be opened to full.</summary>
/// <param name="Id">Its name in the address; null is the overview.</param>
/// <param name="Title">What its tab says.</param>
/// <param name="Key">The letter that opens it after <c>g</c>.</param>
internal sealed record RoomPanel(string? Id, string Title, char Key)
{
    /// <summary>Whether it has a tab; one that has none is opened by a button, the palette and its key.</summary>
    public bool HasTab { get; init; } = true;
}

/// <summary>The panels in the order of their tabs: what the tabs, the palette and the keys go by.</summary>
internal static class RoomPanels
{
    public static ImmutableArray<RoomPanel> All { get; } =
    [
        new(null, "Overview", 'o'), new("surfaces", "Surfaces", 'u'), new("agents", "Agents", 'a'), new("state", "State", 's'), new("messages", "Messages", 'm'),
        new("actions", "Actions", 'x'), new("approvals", "Approvals", 'd'), new("views", "Views", 'v'), new("log", "Log", 'l'), new("leases", "Leases", 'e'),
        new("packs", "Packs", 'p'), new("console", "Console", 'c'), new("vocabulary", "Vocabulary", 'y'), new("members", "Members", 'b'),
        new("connect", "Connect an agent", 'n') { HasTab = false },
    ];

    /// <summary>Whether the address may name it.</summary>
    public static bool Has(string? id) => All.Any(panel => panel.Id == id);
}
