using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Views;

/// <summary>What the room's participants have declared to read, with its value now. One view at a time is open, with the means to change it.</summary>
public sealed partial class ViewsPanel
{
    private const int Page = 100;

    private string? _opened;
    private int _most = Page;
    private string? _edited;
    private bool _writing;

    [CascadingParameter]
    private RoomSeat? Seat { get; set; }

    // What nobody reads now stands there for who could bring it back.
    private IEnumerable<(ViewPicture View, bool Dormant)> Shown => Picture.Views.Select(view => (view, false))
        .Concat(Picture.DormantViews.Where(view => Picture.MayChange(view, Seat?.ActAs)).Select(view => (view, true)));

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) =>
        drawn.Views == now.Views && drawn.DormantViews == now.DormantViews && drawn.Agents == now.Agents && drawn.Self == now.Self && drawn.Info.Role == now.Info.Role;

    private void Open(string view)
    {
        _opened = _opened == view ? null : view;
        Redraw();
    }

    private void More()
    {
        _most += Page;
        Redraw();
    }

    private void Write(string? view)
    {
        (_writing, _edited) = (true, view);
        Redraw();
    }

    private void Close()
    {
        _writing = false;
        Redraw();
    }
}
