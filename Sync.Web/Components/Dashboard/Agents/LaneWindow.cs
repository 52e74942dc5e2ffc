using System.Collections.Immutable;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>How much time a timeline shows.</summary>
/// <param name="Id">Its name in the address.</param>
/// <param name="Title">Its name on the page.</param>
/// <param name="Span">How much; null for all there is.</param>
/// <param name="Ticks">What the axis says, from its beginning on, without its end; empty where that hangs on how much there is.</param>
public sealed record LaneWindow(string Id, string Title, TimeSpan? Span, ImmutableArray<string> Ticks)
{
    /// <summary>The windows to choose from.</summary>
    public static ImmutableArray<LaneWindow> All { get; } =
    [
        new("15m", "15 min", TimeSpan.FromMinutes(15), ["15 min ago", "10 min", "5 min"]),
        new("1h", "1 h", TimeSpan.FromHours(1), ["1 h ago", "45 min", "30 min", "15 min"]),
        new("24h", "24 h", TimeSpan.FromHours(24), ["24 h ago", "18 h", "12 h", "6 h"]),
        new("all", "All", null, []),
    ];

    /// <summary>The one that an address names; the first where it names none.</summary>
    public static LaneWindow Of(string? id) => All.FirstOrDefault(window => window.Id == id) ?? All[0];
}
