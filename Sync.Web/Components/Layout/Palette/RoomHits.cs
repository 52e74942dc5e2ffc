using System.Text.Json;
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
    public static async Task<IReadOnlyList<PaletteItem>> FindAsync(RoomViewer viewer, string query, CancellationToken cancellationToken)
    {
        if (!(await viewer.Engine.History.SearchAsync(viewer.Caller, viewer.Room, query, before: null, Max, cancellationToken)).Try(out var json, out _))
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("results"u8).EnumerateArray().Select(Item)];
    }

    /// <summary>A line that goes on with the search in the log.</summary>
    public static PaletteItem InLog(RoomPageModel room, string query) => new(
        "In the room", $"Search the log for “{Clip.Text(query, Clip.Name)}”", "every event, back to the first", PaletteDeed.Go,
        new PageLocation("log").WithFilter(PageFilters.LogText, query).Href(room.Info.Id));

    private static PaletteItem Item(JsonElement hit)
    {
        var seq = hit.GetProperty("seq"u8).GetInt64();
        var where = hit.TryGetProperty("where"u8, out var place) && place.ValueKind == JsonValueKind.String ? place.GetString() : null;
        var who = hit.TryGetProperty("agent"u8, out var agent) && agent.ValueKind == JsonValueKind.String ? agent.GetString() : null;
        var snippet = hit.TryGetProperty("snippet"u8, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        return new PaletteItem(
            "In the room", Clip.Text(snippet ?? where ?? $"event {seq}", Clip.Name), string.Join(", ", ((string?[])[$"#{seq}", where, who]).OfType<string>()), PaletteDeed.Event,
            seq.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
