using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Palette;

/// <summary>Draws nothing: tells what stands outside the page which room it shows.</summary>
public sealed class RoomMark : ComponentBase, IDisposable
{
    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPicture Picture { get; set; }

    [CascadingParameter]
    private RoomSeat? Seat { get; set; }

    [Inject]
    private RoomInView InView { get; set; } = null!; // Set by the framework before anything runs.

    /// <inheritdoc/>
    public void Dispose() => InView.Leave(this);

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Seat is not null)
        {
            InView.Show(this, Seat, Picture);
        }
    }

    /// <inheritdoc/>
    protected override bool ShouldRender() => false;
}
