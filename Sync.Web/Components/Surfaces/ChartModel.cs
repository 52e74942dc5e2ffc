using System.Globalization;
using System.Text.Json;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// Points of a chart: of a list of numbers, a list of objects with a <c>value</c> (or another one number) and perhaps a <c>label</c> or a time (<c>at</c>, <c>time</c>, <c>timestamp</c>, <c>ts</c>,
/// <c>date</c>, <c>x</c>), or an object whose members are numbers. What is no number is left out.
/// </summary>
/// <param name="Points">In the order of the value, the newest at the end; at most 500.</param>
public sealed record ChartModel(IReadOnlyList<ChartPoint> Points)
{
    private const int Max = 500;
    private static readonly string[] s_values = ["value", "y", "count", "total", "n"];
    private static readonly string[] s_labels = ["label", "name", "key", "id", "x", "at", "time", "timestamp", "ts", "date"];
    private static readonly string[] s_times = ["at", "time", "timestamp", "ts", "date", "x"];

    /// <summary>The greatest value.</summary>
    public double Highest { get; } = Points.Count == 0 ? 0 : Points.Max(point => point.Value);

    /// <summary>The least value.</summary>
    public double Lowest { get; } = Points.Count == 0 ? 0 : Points.Min(point => point.Value);

    /// <summary>Whether every point has its time, and none is earlier than the one before: then the chart is over time.</summary>
    public bool IsTimed { get; } = Points.Count > 0 && Points.All(point => point.At is not null) && Points.Zip(Points.Skip(1)).All(pair => pair.First.At <= pair.Second.At);

    /// <summary>Reads a view's value.</summary>
    public static ChartModel Of(JsonElement value)
    {
        var points = value.ValueKind switch
        {
            JsonValueKind.Array => [.. value.EnumerateArray().Select(Point).OfType<ChartPoint>()],
            JsonValueKind.Object => [.. value.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Number).Select(field => new ChartPoint(Clip.OfName(field.Name), field.Value.GetDouble()))],
            _ => new List<ChartPoint>(),
        };
        points.RemoveAll(point => !double.IsFinite(point.Value));

        // The newest are at the end of a list that grows.
        return new(points.Count <= Max ? points : points[^Max..]);
    }

    /// <summary>Numbers over time.</summary>
    internal static ChartModel Of(SparkModel numbers) => new([.. numbers.Points.TakeLast(Max).Select(static (point, i) => new ChartPoint("", point.Value) { At = point.At })]);

    /// <summary>A number as it stands beside a chart.</summary>
    public static string Text(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    private static ChartPoint? Point(JsonElement item, int index)
    {
        var place = (index + 1).ToString(CultureInfo.InvariantCulture);
        if (item.ValueKind == JsonValueKind.Number)
        {
            return new ChartPoint(place, item.GetDouble());
        }

        if (item.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var named = s_values.FirstOrDefault(name => item.Number(name) is not null)
            ?? item.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Number).Select(field => field.Name).FirstOrDefault();
        if (named is null || item.Number(named) is not { } value)
        {
            return null;
        }

        var label = s_labels.Where(name => name != named).Select(name => item.Member(name)).FirstOrDefault(member => member is not null);
        return new ChartPoint(label is { } found ? Clip.OfName(JsonLayout.Plain(found)) : place, value) { At = s_times.Where(name => name != named).Select(name => Moment(item, name)).FirstOrDefault(at => at is not null) };
    }

    // Only what is written as a date: a bare number or word is a label.
    private static DateTimeOffset? Moment(JsonElement item, string name) =>
        item.Text(name) is { Length: >= 10 and <= 40 } text && char.IsAsciiDigit(text[0]) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime() : null;
}

/// <summary>A point or bar.</summary>
/// <param name="Label">What it is called.</param>
/// <param name="Value">Its number.</param>
public sealed record ChartPoint(string Label, double Value)
{
    /// <summary>When it was, or null.</summary>
    public DateTimeOffset? At { get; init; }
}
