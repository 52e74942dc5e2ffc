using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sync.Engine.Reads.History;

namespace Sync.Web.Components.Surfaces;

/// <summary>A metric's numbers over time, oldest first. Immutable and bounded: a page left open thins what it has instead of growing.</summary>
internal sealed record SparkModel(ImmutableArray<SparkPoint> Points)
{
    private const int MaxPoints = 240;

    public static SparkModel Empty { get; } = new([]);

    /// <summary>The view's values that are numbers.</summary>
    public static SparkModel Of(ViewHistory history) => new([.. history.Numbers.Select(static number => new SparkPoint(number.Seq, number.At, number.Value))]);

    /// <summary>With one more value, if it is another one than the last and newer.</summary>
    public SparkModel With(SparkPoint point)
    {
        if (!double.IsFinite(point.Value) || (!Points.IsEmpty && (point.Seq <= Points[^1].Seq || point.Value.Equals(Points[^1].Value))))
        {
            return this;
        }

        var points = Points.Length < MaxPoints ? Points : [.. Points.Where((_, index) => index % 2 == 0)];
        return new(points.Add(point));
    }

    /// <summary>As it was after an event.</summary>
    public SparkModel UpTo(long seq) => Points.IsEmpty || Points[^1].Seq <= seq ? this : new([.. Points.Where(point => point.Seq <= seq)]);

    /// <summary>The values as steps over time in a box of 100 by 24, as an SVG path: a value holds until the next one.</summary>
    public string Path(DateTimeOffset now)
    {
        if (Points.Length < 2)
        {
            return "";
        }

        var begin = Points[0].At;
        var span = Math.Max((Max(now, Points[^1].At) - begin).TotalSeconds, 0.001);
        var (low, high) = (Points.Min(point => point.Value), Points.Max(point => point.Value));
        var height = high <= low ? 1 : Math.Min(high - low, double.MaxValue);
        var path = new StringBuilder();
        foreach (var point in Points)
        {
            var x = (point.At - begin).TotalSeconds / span * 100;
            var y = 22.5 - Math.Clamp((point.Value - low) / height * 21, 0, 21);
            path.Append(path.Length == 0
                ? string.Create(CultureInfo.InvariantCulture, $"M{x:0.##} {y:0.##}")
                : string.Create(CultureInfo.InvariantCulture, $"H{x:0.##}V{y:0.##}"));
        }

        return path.Append("H100").ToString();
    }

    /// <summary>The same in words.</summary>
    public string Words(string label) => Points.IsEmpty
        ? $"{label}: no values yet"
        : $"{label} over time: {Points.Length.ToString(CultureInfo.InvariantCulture)} values from {ChartModel.Text(Points[0].Value)} to {ChartModel.Text(Points[^1].Value)}, between {ChartModel.Text(Points.Min(p => p.Value))} and {ChartModel.Text(Points.Max(p => p.Value))}";

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}

/// <summary>A value at a moment of the log.</summary>
internal sealed record SparkPoint(long Seq, DateTimeOffset At, double Value);
