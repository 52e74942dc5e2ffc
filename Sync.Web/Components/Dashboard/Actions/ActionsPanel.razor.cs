using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Layout.Palette;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What can be done in the room, whether it can be done now, and if not, why. One action at a time is open, with its form.</summary>
public sealed partial class ActionsPanel : IDisposable
{
    private const int Page = 100;

    private string? _open;
    private int _max = Page;
    private string? _edited;
    private bool _writing;
    private string _filter = "";

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [Inject]
    private RoomInView InView { get; set; } = null!; // Set by the framework before anything runs.

    private IEnumerable<ActionModel> Shown => _filter.Trim() is { Length: > 0 } word
        ? Model.Actions.Where(action => action.Id.Contains(word, StringComparison.OrdinalIgnoreCase) || action.Description?.Contains(word, StringComparison.OrdinalIgnoreCase) == true)
        : Model.Actions;

    /// <inheritdoc/>
    public void Dispose() => InView.ActionRequested -= Open;

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        InView.ActionRequested += Open;
        _open = InView.TakeAsked();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Actions == now.Actions && drawn.Info.Access == now.Info.Access && drawn.Agents == now.Agents && drawn.Self == now.Self && drawn.Info.Role == now.Info.Role;

    private void Open(string action) => _ = InvokeAsync(() =>
    {
        InView.TakeAsked();
        _filter = "";
        _open = action;
        Redraw();
    });

    private void Toggle(string action)
    {
        _open = _open == action ? null : action;
        DrawNext();
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
        _filter = text ?? "";
        DrawNext();
    }
}
