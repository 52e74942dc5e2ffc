using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What can be done in the room, whether it can be done now, and if not, why. One action at a time is open, with its form.</summary>
public sealed partial class ActionsPanel
{
    private const int Page = 100;

    private string? _open;
    private (string? Action, string Text) _place = (null, "");
    private int _max = Page;
    private string? _edited;
    private bool _writing;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private string Text => Navigation?.Location.Filter(PageFilters.ActionsText) ?? "";

    private IEnumerable<ActionModel> Shown => Text.Trim() is { Length: > 0 } word
        ? Model.Actions.Where(action => action.Id.Contains(word, StringComparison.OrdinalIgnoreCase) || action.Description?.Contains(word, StringComparison.OrdinalIgnoreCase) == true)
        : Model.Actions;

    // What is open stays in the list, whatever the filter takes and however far down it is.
    private IEnumerable<ActionModel> Listed
    {
        get
        {
            var shown = Shown.Take(_max).ToList();
            return _open is null || shown.Exists(action => action.Id == _open) || Model.Actions.FirstOrDefault(action => action.Id == _open) is not { } open ? shown : [open, .. shown];
        }
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Navigation is not null && _place != (Navigation.Location.Action, Text))
        {
            _place = (Navigation.Location.Action, Text);
            _open = _place.Action;
            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Actions == now.Actions && drawn.Info.Access == now.Info.Access && drawn.Agents == now.Agents && drawn.Self == now.Self && drawn.Info.Role == now.Info.Role;

    private void Toggle(string action)
    {
        _open = _open == action ? null : action;
        Navigation?.OpenAction(_open);
        Redraw();
    }

    private void Write(string? action)
    {
        (_writing, _edited) = (true, action);
        Redraw();
    }

    private void Close()
    {
        _writing = false;
        Redraw();
    }

    private void More()
    {
        _max += Page;
        Redraw();
    }

    private void Filter(string? text)
    {
        Navigation?.SetFilter(PageFilters.ActionsText, text);
        Redraw();
    }
}
