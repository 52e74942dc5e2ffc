using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Layout.Palette;

/// <summary>
/// The room that the page of this circuit shows, for what stands outside it: the command palette. One per circuit, used on its dispatcher only.
/// </summary>
public sealed class RoomInView
{
    private object? _owner;

    /// <summary>Where the reader of the room's page is; null while no room's page is shown.</summary>
    public PageNavigation? Navigation { get; set; }

    /// <summary>With what the page acts and looks; null while no room is shown.</summary>
    public RoomViewer? Viewer { get; private set; }

    /// <summary>The room as the page shows it.</summary>
    public RoomPageModel? Model { get; private set; }

    /// <summary>Tells what is shown; <paramref name="owner"/> is who tells.</summary>
    public void Show(object owner, RoomViewer viewer, RoomPageModel model) => (_owner, Viewer, Model) = (owner, viewer, model);

    /// <summary>Tells that it is shown no more, unless another has taken over.</summary>
    public void Leave(object owner)
    {
        if (ReferenceEquals(_owner, owner))
        {
            (_owner, Viewer, Model) = (null, null, null);
        }
    }
}
