using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Layout.Palette;

/// <summary>Draws nothing: tells what stands outside the page which room it shows.</summary>
public sealed class RoomMark : ComponentBase, IDisposable
{
    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [Inject]
    private RoomInView InView { get; set; } = null!; // Set by the framework before anything runs.

    /// <inheritdoc/>
    public void Dispose() => InView.Leave(this);

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Viewer is not null)
        {
            InView.Show(this, Viewer, Model);
        }
    }

    /// <inheritdoc/>
    protected override bool ShouldRender() => false;
}
