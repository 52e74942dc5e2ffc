using System.Globalization;
using System.Text;
using System.Text.Json;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>An array of numbers, or of objects with a <c>value</c> and perhaps a <c>label</c>, as points of a chart.</summary>
internal sealed record ChartModel(IReadOnlyList<ChartPoint> Points)
{
    public double Highest { get; } = Points.Count == 0 ? 0 : Points.Max(point => point.Value);

    public static ChartModel Of(JsonElement value) => new(value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Select((item, index) => Point(item, index)).OfType<ChartPoint>()]
        : []);

    /// <summary>The line through the points in a box of 100 by 32, as an SVG path.</summary>
    public string Path()
    {
        var low = Points.Count == 0 ? 0 : Math.Min(0, Points.Min(point => point.Value));
        var height = Highest - low is var range and > 0 ? range : 1;
        var path = new StringBuilder();
        for (var i = 0; i < Points.Count; i++)
        {
            var x = Points.Count == 1 ? 50 : i * 100.0 / (Points.Count - 1);
            var y = 31 - ((Points[i].Value - low) / height * 30);
            path.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{x:0.##} {y:0.##}");
        }

        return path.ToString();
    }

    /// <summary>A bar's length as a percentage of the longest.</summary>
    public string Share(ChartPoint point) =>
        (Highest <= 0 ? 0 : Math.Clamp(point.Value / Highest * 100, 0, 100)).ToString("0.#", CultureInfo.InvariantCulture) + "%";

    private static ChartPoint? Point(JsonElement item, int index) => item.ValueKind switch
    {
        JsonValueKind.Number => new ChartPoint((index + 1).ToString(CultureInfo.InvariantCulture), item.GetDouble()),
        JsonValueKind.Object when item.Number("value") is { } value =>
            new ChartPoint(item.TryGetProperty("label", out var label) ? JsonLayout.Plain(label) : (index + 1).ToString(CultureInfo.InvariantCulture), value),
        _ => null,
    };
}

/// <summary>A point or bar.</summary>
internal sealed record ChartPoint(string Label, double Value);
