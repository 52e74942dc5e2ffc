using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Palette;

/// <summary>
/// The room that the page of this circuit shows, for what stands outside it: the command palette. One per circuit, used on its dispatcher only.
/// </summary>
public sealed class RoomInView
{
    private object? _owner;
    private string? _asked;

    /// <summary>An action to be opened on the page.</summary>
    public event Action<string>? ActionAsked;

    /// <summary>With what the page acts and looks; null while no room is shown.</summary>
    public RoomSeat? Seat { get; private set; }

    /// <summary>The room as the page shows it.</summary>
    public RoomPicture? Picture { get; private set; }

    /// <summary>Tells what is shown; <paramref name="owner"/> is who tells.</summary>
    public void Show(object owner, RoomSeat seat, RoomPicture picture) => (_owner, Seat, Picture) = (owner, seat, picture);

    /// <summary>Tells that it is shown no more, unless another has taken over.</summary>
    public void Leave(object owner)
    {
        if (ReferenceEquals(_owner, owner))
        {
            (_owner, Seat, Picture) = (null, null, null);
        }
    }

    /// <summary>Asks for an action to be opened: at once, or when the panel that can comes onto the page.</summary>
    public void AskFor(string action)
    {
        _asked = action;
        ActionAsked?.Invoke(action);
    }

    /// <summary>Takes the action that was asked for, if one was.</summary>
    public string? TakeAsked()
    {
        var asked = _asked;
        _asked = null;
        return asked;
    }
}
