using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Surfaces;

/// <summary>A list as a line over its axes, or as bars: beside their names while they are few, as columns over time or where they are many.</summary>
public sealed partial class SurfaceChart
{
    private const int MaxBars = 10;
    private const int MaxBarsFull = 100;
    private const int MaxNamedBars = 24;

    private ChartModel _all = new([]);
    private ChartModel _shown = new([]);
    private string _range = ChartRange.All.Id;
    private ViewModel? _read;

    /// <summary>The view it shows.</summary>
    [Parameter, EditorRequired]
    public required ViewModel View { get; set; }

    /// <summary>The list.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Value { get; set; }

    /// <summary>The render hint.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Hint { get; set; }

    /// <summary>Whether to draw a line instead of bars.</summary>
    [Parameter]
    public bool Line { get; set; }

    /// <summary>What it is, for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>Opened to full: higher, with a choice of ranges and its points as a list.</summary>
    [Parameter]
    public bool Full { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    // Bars over time, and many of them, read as columns.
    private bool IsBars => !Line && !_all.IsTimed && (Full || _all.Points.Count <= MaxNamedBars);

    private ImmutableArray<(string Id, string Label)> Ranges => [.. ChartRange.For(_all).Select(range => (range.Id, range.Label))];

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_read != View)
        {
            _read = View;
            _all = ChartModel.Of(Value);
            Cut();
        }
    }

    private void Choose(string range)
    {
        _range = range;
        Cut();
    }

    private void Cut() => _shown = (ChartRange.For(_all).FirstOrDefault(range => range.Id == _range) ?? ChartRange.All).Of(_all, Time.GetUtcNow());

    private string Bar(ChartPoint point) => ChartBar.Style(point.Value, _shown.Lowest, _shown.Highest);

    private string Text(double value) => Hint.Text("format") is { } format ? MetricText.Number(value, format, Hint.Text("unit")) : ChartModel.Text(value);
}
