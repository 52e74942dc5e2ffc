using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Components.Connect;

/// <summary>The first page of an empty room.</summary>
public sealed partial class EmptyRoom : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private Template _chosen = Template.All[0];
    private SyncError? _refusal;
    private bool _busy;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Info == now.Info;

    private void Choose(Template? template)
    {
        (_chosen, _refusal) = (template ?? _chosen, null);
        Redraw();
    }

    private async Task InstallAsync()
    {
        if (_busy || Viewer is not { } viewer)
        {
            return;
        }

        _busy = true;
        try
        {
            // What it brings shows by itself: the room is then not empty, and this goes.
            _refusal = (await viewer.InvokeAsync("_install_pack", JsonSerializer.SerializeToElement(new { pack = _chosen.Pack.Name }), preview: false, Model, _gone.Token)).Error;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page was closed; it may be in all the same.
        }

        _busy = false;
        if (!_gone.IsCancellationRequested)
        {
            Redraw();
        }
    }
}
