using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Views;

/// <summary>What the room's participants have declared to read, with its value now. One view at a time is open, with the means to change it.</summary>
public sealed partial class ViewsPanel
{
    private const int Page = 100;

    private string? _opened;
    private (string? View, string Text) _place = (null, "");
    private int _max = Page;
    private string? _edited;
    private bool _writing;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private string Text => Navigation?.Location.Filter(PageFilters.ViewsText) ?? "";

    private IEnumerable<(ViewModel View, bool Dormant)> Shown => Text.Trim() is { Length: > 0 } word ? All.Where(shown => Mentions(shown.View, word)) : All;

    // What is open stays in the list, whatever the filter takes and however far down it is.
    private IEnumerable<(ViewModel View, bool Dormant)> Listed
    {
        get
        {
            var shown = Shown.Take(_max).ToList();
            return _opened is null || shown.Exists(one => one.View.Id == _opened) || All.FirstOrDefault(one => one.View.Id == _opened) is not { View: not null } open ? shown : [open, .. shown];
        }
    }

    // What nobody reads now stands there for who could bring it back.
    private IEnumerable<(ViewModel View, bool Dormant)> All => Model.Views.Select(view => (view, false))
        .Concat(Model.DormantViews.Where(view => Model.MayChange(view, Viewer?.ActAs)).Select(view => (view, true)));

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Navigation is not null && _place != (Navigation.Location.View, Text))
        {
            _place = (Navigation.Location.View, Text);
            _opened = _place.View;
            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Views == now.Views && drawn.DormantViews == now.DormantViews && drawn.Agents == now.Agents && drawn.Self == now.Self && drawn.Info.Role == now.Info.Role;

    private static bool Mentions(ViewModel view, string word) =>
        view.Id.Contains(word, StringComparison.OrdinalIgnoreCase)
        || view.Expression?.Contains(word, StringComparison.OrdinalIgnoreCase) == true
        || view.Description?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

    private void Open(string view)
    {
        _opened = _opened == view ? null : view;
        Navigation?.OpenView(_opened);
        Redraw();
    }

    private void Filter(string? text)
    {
        Navigation?.SetFilter(PageFilters.ViewsText, text);
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
