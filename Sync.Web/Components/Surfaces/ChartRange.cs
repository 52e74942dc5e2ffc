using System.Collections.Immutable;

namespace Sync.Web.Components.Surfaces;

/// <summary>What part of a chart's points is drawn: those of the last so long where points have times, the last so many where they have none.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Label">What its button says.</param>
/// <param name="Span">How long, or null.</param>
/// <param name="Count">How many, or null.</param>
internal sealed record ChartRange(string Id, string Label, TimeSpan? Span = null, int? Count = null)
{
    public static ChartRange All { get; } = new("all", "All");

    private static readonly ImmutableArray<ChartRange> s_times =
    [
        new("15m", "15 min", TimeSpan.FromMinutes(15)), new("1h", "1 h", TimeSpan.FromHours(1)), new("6h", "6 h", TimeSpan.FromHours(6)), new("24h", "24 h", TimeSpan.FromHours(24)),
        new("7d", "7 days", TimeSpan.FromDays(7)), new("30d", "30 days", TimeSpan.FromDays(30)),
    ];

    private static readonly ImmutableArray<ChartRange> s_counts = [new("20", "Last 20", Count: 20), new("100", "Last 100", Count: 100)];

    /// <summary>The ranges that show less than all of a chart, and all of it.</summary>
    public static ImmutableArray<ChartRange> For(ChartModel chart)
    {
        if (chart.Points.Count < 2)
        {
            return [All];
        }

        return chart.IsTimed
            ? [.. s_times.Where(range => range.Span < chart.Points[^1].At - chart.Points[0].At), All]
            : [.. s_counts.Where(range => range.Count < chart.Points.Count), All];
    }

    /// <summary>The points within it, counted back from <paramref name="now"/> or from the newest point if that is later. The last point before stays, so that a line comes in from the left.</summary>
    public ChartModel Of(ChartModel chart, DateTimeOffset now)
    {
        if (Count is { } count && chart.Points.Count > count)
        {
            return new ChartModel([.. chart.Points.TakeLast(count)]);
        }

        if (Span is not { } span || !chart.IsTimed)
        {
            return chart;
        }

        var end = chart.Points[^1].At!.Value > now ? chart.Points[^1].At!.Value : now; // All points of a timed chart have one.
        var first = chart.Points.ToList().FindIndex(point => point.At >= end - span);
        return new ChartModel([.. first < 0 ? chart.Points.TakeLast(1) : chart.Points.Skip(Math.Max(0, first - 1))]);
    }
}
