using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Components.Connect;

/// <summary>The packs to choose from, and the one that is put in.</summary>
public sealed partial class InstallPack : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private Template _chosen = Template.All[0];
    private SyncError? _refusal;
    private bool _busy;

    /// <summary>What the choice is for.</summary>
    [Parameter, EditorRequired]
    public required string Legend { get; set; }

    /// <summary>Told that it is in.</summary>
    [Parameter]
    public EventCallback Installed { get; set; }

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    private bool IsIn => Model.Packs.Any(pack => pack.Name == _chosen.Pack.Name);

    /// <inheritdoc/>
    protected override void OnInitialized() => _chosen = Template.All.FirstOrDefault(template => Model.Packs.All(pack => pack.Name != template.Pack.Name)) ?? _chosen;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Packs == now.Packs;

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
            // What it brings shows by itself, as everything that others do.
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
            if (_refusal is null)
            {
                await Installed.InvokeAsync();
            }
        }
    }
}
