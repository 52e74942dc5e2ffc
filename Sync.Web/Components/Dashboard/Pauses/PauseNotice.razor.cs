using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Components.Dashboard.Pauses;

/// <summary>Says what is paused and why; an owner has it go on here.</summary>
public sealed partial class PauseNotice : IDisposable
{
    private const int MaxPauses = 20;

    private readonly CancellationTokenSource _gone = new();
    private SyncError? _refusal;
    private bool _resuming;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    private bool MayResume => Viewer is not null && RoomViewer.CanManage(Model);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Pauses == now.Pauses;

    private static string Named(PauseModel pause) => pause.What.Split(':', 2) switch
    {
        ["agent", var id] => $"The agent {Shared.Clip.OfName(id)}",
        ["action", var id] => $"The action {Shared.Clip.OfName(id)}",
        _ => "This room",
    };

    private async Task ResumeAsync(string what)
    {
        _resuming = true;
        try
        {
            // Only offered where somebody sits.
            _refusal = (await Viewer!.InvokeAsync("_resume", JsonSerializer.SerializeToElement(new { what }), preview: false, Model, _gone.Token)).Error;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page was closed; it may go on all the same.
        }

        _resuming = false;
        if (!_gone.IsCancellationRequested)
        {
            Redraw();
        }
    }
}
