using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sync.Web.Components.Surfaces;

/// <summary>How a chart's points are joined.</summary>
public enum ChartShape
{
    /// <summary>A line from point to point.</summary>
    Line,

    /// <summary>A value holds until the next one.</summary>
    Steps,

    /// <summary>A column for each point.</summary>
    Columns,
}

/// <summary>
/// A chart as it is drawn: paths in a box of <see cref="Width"/> by <see cref="Height"/> whole units, which the browser stretches, and beside it what the browser needs to read a point out. Of many
/// points each stretch keeps its least and its greatest, so that no peak is lost and the drawing stays small on the wire.
/// </summary>
internal sealed record ChartPlot
{
    public const int Width = 1_000;
    public const int Height = 300;

    // Points on a card, and opened to full.
    private const int MaxDrawn = 160;
    private const int MaxDrawnFull = 600;

    public required ChartAxis Axis { get; init; }

    /// <summary>The time axis; null where the points have no times.</summary>
    public required ChartTimeAxis? Times { get; init; }

    /// <summary>The line, or the columns.</summary>
    public required string Path { get; init; }

    /// <summary>What is filled below a line; null for columns.</summary>
    public required string? Area { get; init; }

    /// <summary>Per point drawn a line of place on the left (of <see cref="Width"/>), value as text, and label or moment: what the pointer and the arrow keys read out.</summary>
    public required string Readout { get; init; }

    /// <summary>Where zero stands from the head, as a share of the height; null when it is the foot.</summary>
    public required double? Zero { get; init; }

    public static ChartPlot Of(ChartModel chart, ChartShape shape, Func<double, string> text, bool full = false, DateTimeOffset? until = null)
    {
        var axis = ChartAxis.Of(chart.Lowest, chart.Highest, withZero: shape == ChartShape.Columns, whole: chart.Points.All(point => Math.Abs(point.Value) < 1e9 && point.Value == Math.Floor(point.Value)));
        var end = chart.IsTimed && until is { } now && now > chart.Points[^1].At ? now : chart.Points.Count > 0 ? chart.Points[^1].At ?? default : default;
        var times = chart.IsTimed ? ChartTimeAxis.Of(chart.Points[0].At!.Value, end) : null; // All points of a timed chart have one.
        var placed = Thinned(
            [.. chart.Points.Select((point, i) => new Placed(point, X(chart, times, shape, point, i), Y(axis, point.Value)))],
            full ? MaxDrawnFull : MaxDrawn);
        var floor = Y(axis, 0);
        return new ChartPlot
        {
            Axis = axis,
            Times = times,
            Path = shape == ChartShape.Columns ? Columns(placed, floor) : Line(placed, shape),
            Area = shape == ChartShape.Columns || placed.Count == 0 ? null : Invariant($"{Line(placed, shape)}V{floor}H{(placed.Count == 1 ? 0 : placed[0].X)}Z"),
            Readout = string.Join('\n', placed.Select(point => Invariant($"{point.X}\t{point.Y}\t{text(point.Point.Value)}\t{point.Point.At?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) ?? Flat(point.Point.Label)}"))),
            Zero = axis.Low < 0 && axis.High > 0 ? 1 - axis.Share(0) : null,
        };
    }

    private static int X(ChartModel chart, ChartTimeAxis? times, ChartShape shape, ChartPoint point, int index) =>
        times is not null && point.At is { } at ? (int)Math.Round(times.Share(at) * Width)
        : shape == ChartShape.Columns ? (int)Math.Round((index + 0.5) * Width / chart.Points.Count)
        : chart.Points.Count == 1 ? 0 : (int)Math.Round((double)index * Width / (chart.Points.Count - 1));

    private static int Y(ChartAxis axis, double value) => (int)Math.Round((1 - axis.Share(value)) * Height);

    private static string Line(IReadOnlyList<Placed> points, ChartShape shape)
    {
        var path = new StringBuilder();
        foreach (var point in points)
        {
            path.Append(path.Length == 0 ? Invariant($"M{point.X} {point.Y}") : shape == ChartShape.Steps ? Invariant($"H{point.X}V{point.Y}") : Invariant($"L{point.X} {point.Y}"));
        }

        // One value, and one that still holds, go on to the right.
        return path.Length > 0 && (points.Count == 1 || shape == ChartShape.Steps) ? path.Append(Invariant($"H{Width}")).ToString() : path.ToString();
    }

    private static string Columns(IReadOnlyList<Placed> points, int floor)
    {
        var half = Math.Max(1, points.Count == 0 ? 1 : (int)(Width * 0.36 / points.Count));
        return string.Concat(points.Select(point => Invariant($"M{Math.Max(0, point.X - half)} {floor}V{point.Y}H{Math.Min(Width, point.X + half)}V{floor}Z")));
    }

    private static IReadOnlyList<Placed> Thinned(ImmutableArray<Placed> points, int max)
    {
        if (points.Length <= max)
        {
            return points;
        }

        // Two points of every stretch, in their order; the first and the last of all stay.
        var kept = new SortedSet<int> { 0, points.Length - 1 };
        var stretches = (max - 2) / 2;
        for (var i = 0; i < stretches; i++)
        {
            var (from, to) = ((int)((long)i * points.Length / stretches), (int)((long)(i + 1) * points.Length / stretches));
            var range = Enumerable.Range(from, to - from).ToList();
            kept.Add(range.MinBy(n => points[n].Point.Value));
            kept.Add(range.MaxBy(n => points[n].Point.Value));
        }

        return [.. kept.Select(n => points[n])];
    }

    private static string Flat(string label) => label.Replace('\t', ' ').Replace('\n', ' ').Replace('\r', ' ');

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private readonly record struct Placed(ChartPoint Point, int X, int Y);
}
