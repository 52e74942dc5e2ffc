using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Layout.Palette;

/// <summary>
/// The room that the page of this circuit shows, for what stands outside it: the command palette. One per circuit, used on its dispatcher only.
/// </summary>
public sealed class RoomInView
{
    private object? _owner;
    private string? _asked;

    /// <summary>An action to be opened on the page.</summary>
    public event Action<string>? ActionRequested;

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

    /// <summary>Asks for an action to be opened: at once, or when the panel that can comes onto the page.</summary>
    public void AskFor(string action)
    {
        _asked = action;
        ActionRequested?.Invoke(action);
    }

    /// <summary>Takes the action that was asked for, if one was.</summary>
    public string? TakeAsked()
    {
        var asked = _asked;
        _asked = null;
        return asked;
    }
}
