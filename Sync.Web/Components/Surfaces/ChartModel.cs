using System.Globalization;
using System.Text;
using System.Text.Json;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// Points of a chart: of a list of numbers, a list of objects with a <c>value</c> (or another one number) and perhaps a <c>label</c>, or an object whose members are numbers. What is no number is
/// left out.
/// </summary>
internal sealed record ChartModel(IReadOnlyList<ChartPoint> Points)
{
    private const int Max = 500;
    private static readonly string[] s_values = ["value", "y", "count", "total", "n"];
    private static readonly string[] s_labels = ["label", "name", "key", "id", "x", "at", "time"];

    public double Highest { get; } = Points.Count == 0 ? 0 : Points.Max(point => point.Value);

    public double Lowest { get; } = Points.Count == 0 ? 0 : Points.Min(point => point.Value);

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

    /// <summary>The line through the points in a box of 100 by 32, as an SVG path; level through a single one. Zero is always in the box.</summary>
    public string Path()
    {
        var low = Math.Min(0, Lowest);
        var height = Math.Max(0, Highest) - low is var range && range > 0 && double.IsFinite(range) ? range : range > 0 ? double.MaxValue : 1;
        var path = new StringBuilder();
        for (var i = 0; i < Points.Count; i++)
        {
            var x = Points.Count == 1 ? 0 : i * 100.0 / (Points.Count - 1);
            var y = 31 - Math.Clamp((Points[i].Value - low) / height * 30, 0, 30);
            path.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{x:0.##} {y:0.##}");
        }

        return path.Append(Points.Count == 1 ? "H100" : "").ToString();
    }

    /// <summary>A bar's length as a percentage of the longest.</summary>
    public string Share(ChartPoint point)
    {
        var longest = Math.Max(Math.Abs(Highest), Math.Abs(Lowest));
        return (longest <= 0 ? 0 : Math.Clamp(Math.Abs(point.Value) / longest * 100, 0, 100)).ToString("0.#", CultureInfo.InvariantCulture) + "%";
    }

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
        return new ChartPoint(label is { } found ? Clip.OfName(JsonLayout.Plain(found)) : place, value);
    }
}

/// <summary>A point or bar.</summary>
internal sealed record ChartPoint(string Label, double Value);
