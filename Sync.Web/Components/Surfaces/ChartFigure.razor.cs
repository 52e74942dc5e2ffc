using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// A chart with its axes. The drawing and the axes are the server's; the pointer, the arrow keys and the reader's clock are the browser's (surfaces.js), so that reading a point costs no round trip.
/// For screen readers it is a slider over its points.
/// </summary>
public sealed partial class ChartFigure
{
    private ChartPlot? _plot;

    /// <summary>What is drawn.</summary>
    [Parameter, EditorRequired]
    public required ChartModel Chart { get; set; }

    /// <summary>How.</summary>
    [Parameter]
    public ChartShape Shape { get; set; }

    /// <summary>What it is, for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>The format of its numbers, as a metric's.</summary>
    [Parameter]
    public string? Format { get; set; }

    /// <summary>Their unit.</summary>
    [Parameter]
    public string? Unit { get; set; }

    /// <summary>Opened to full: higher, with more points.</summary>
    [Parameter]
    public bool Full { get; set; }

    /// <summary>The moment until which the newest value holds, or null.</summary>
    [Parameter]
    public DateTimeOffset? Until { get; set; }

    private string Summary => $"{Label}: {Chart.Points.Count:N0} points, lowest {Text(Chart.Lowest)}, highest {Text(Chart.Highest)}. The arrow keys read them.";

    private string Last => $"now {Text(Chart.Points[^1].Value)}";

    /// <inheritdoc/>
    protected override void OnParametersSet() => _plot = Chart.Points.Count == 0 ? null : ChartPlot.Of(Chart, Shape, Text, Full, Until);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private string Text(double value) =>
        Format is not null ? MetricText.Number(value, Format, Unit)
        : MetricText.UnitAfter(Format, Unit) is { } unit ? $"{ChartModel.Text(value)} {unit}"
        : ChartModel.Text(value);

    private string TickText(double tick) => Format is "percent" or "duration" or "currency" ? MetricText.Number(tick, Format, Unit) : _plot!.Axis.Text(tick); // Drawn only with a plot.
}
