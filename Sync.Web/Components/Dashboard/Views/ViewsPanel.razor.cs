using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Views;

/// <summary>What the room's participants have declared to read, with its value now. One view at a time is open, with the means to change it.</summary>
public sealed partial class ViewsPanel
{
    private const int Page = 100;

    private string? _opened;
    private int _max = Page;
    private string? _edited;
    private bool _writing;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    // What nobody reads now stands there for who could bring it back.
    private IEnumerable<(ViewModel View, bool Dormant)> Shown => Model.Views.Select(view => (view, false))
        .Concat(Model.DormantViews.Where(view => Model.MayChange(view, Viewer?.ActAs)).Select(view => (view, true)));

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Views == now.Views && drawn.DormantViews == now.DormantViews && drawn.Agents == now.Agents && drawn.Self == now.Self && drawn.Info.Role == now.Info.Role;

    private void Open(string view)
    {
        _opened = _opened == view ? null : view;
        Redraw();
    }

    private void More()
    {
        _max += Page;
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
