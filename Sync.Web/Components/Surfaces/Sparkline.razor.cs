using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.History;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>A metric's value over time: what the log tells when it opens, then each value it is handed.</summary>
public sealed partial class Sparkline
{
    private SparkModel _model = SparkModel.Empty;
    private (string Value, long Seq) _drawn;
    private string _range = ChartRange.All.Id;

    /// <summary>The metric.</summary>
    [Parameter, EditorRequired]
    public required ViewModel View { get; set; }

    /// <summary>The event the page stands at.</summary>
    [Parameter, EditorRequired]
    public required long Seq { get; set; }

    /// <summary>What it is, for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>Opened to full: with axes and a choice of ranges.</summary>
    [Parameter]
    public bool Full { get; set; }

    /// <summary>The format of its numbers.</summary>
    [Parameter]
    public string? Format { get; set; }

    /// <summary>Their unit.</summary>
    [Parameter]
    public string? Unit { get; set; }

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => AskAsync(async () =>
    {
        if (Viewer is null || !(await ReadBackAsync(Viewer, Gone)).Try(out var history, out _))
        {
            return;
        }

        // Values may have come in meanwhile.
        var later = _model;
        _model = SparkModel.Of(history);
        foreach (var point in later.Points)
        {
            _model = _model.With(point);
        }
    });

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (JsonLayout.Parse(View.Value) is { ValueKind: JsonValueKind.Number } value)
        {
            _model = _model.With(new SparkPoint(Seq, Time.GetUtcNow(), value.GetDouble()));
        }
    }

    /// <inheritdoc/>
    protected override bool ShouldRender()
    {
        var now = (View.Value, Seq);
        var should = Full || now != _drawn || _model.Points.Length < 3;
        _drawn = now;
        return should;
    }

    // Reading the log back may take a while, on the thread of whoever asks: the page stands first.
    private async Task<Outcome<ViewHistory>> ReadBackAsync(RoomViewer viewer, CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await viewer.Engine.History.SamplesAsync(viewer.Caller, viewer.Room, View.Id, since: null, CountBound.Samples.Default, cancellationToken);
    }
}
