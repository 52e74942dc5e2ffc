using System.Globalization;
using Sync.Engine.Reads.History;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Layout.Palette;

/// <summary>What a room holds and has held, found for the palette: the engine's search, as the person before the page may read it.</summary>
internal static class RoomHits
{
    /// <summary>So many are listed; the log's own search goes on from there.</summary>
    public const int Max = 8;

    /// <summary>What the room has of a text, newest first; nothing where it cannot be searched for.</summary>
    public static async Task<IReadOnlyList<PaletteItem>> FindAsync(RoomViewer viewer, string query, CancellationToken cancellationToken) =>
        (await viewer.Engine.History.FindAsync(viewer.Caller, viewer.Room, query, Max, cancellationToken)).Try(out var found, out _) ? [.. found.Select(Item)] : [];

    /// <summary>A line that goes on with the search in the log.</summary>
    public static PaletteItem InLog(RoomPageModel room, string query) => new(
        "In the room", $"Search the log for “{Clip.Text(query, Clip.Name)}”", "every event, back to the first", PaletteDeed.Go,
        new PageLocation("log").WithFilter(PageFilters.LogText, query).Href(room.Info.Id));

    private static PaletteItem Item(FoundText hit) => new(
        "In the room", Clip.Text(hit.Snippet, Clip.Name), string.Join(", ", ((string?[])[$"#{hit.Seq}", hit.Where, hit.Agent]).OfType<string>()), PaletteDeed.Event,
        hit.Seq.ToString(CultureInfo.InvariantCulture));
}
