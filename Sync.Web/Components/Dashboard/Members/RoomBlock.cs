using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>A block of what owners do with a room as a whole. A refusal stays at its place until the next question.</summary>
public abstract class RoomBlock : AskingComponent
{
    private (string Place, SyncError Error)? _refused;

    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    /// <summary>Who asks.</summary>
    [CascadingParameter]
    protected RoomViewer? Viewer { get; set; }

    /// <summary>The refusal to show at a place, or null.</summary>
    protected SyncError? RefusedAt(string place) => _refused is { } refused && refused.Place == place ? refused.Error : null;

    /// <summary>Shows a refusal at a place.</summary>
    protected void Refuse(string place, SyncError? refusal) => _refused = refusal is null ? null : (place, refusal);

    /// <summary>Asks the engine.</summary>
    /// <returns>Whether it was done.</returns>
    protected async Task<bool> AskAsync<T>(string place, Func<RoomViewer, CancellationToken, Task<Outcome<T>>> ask, Action<T>? then = null)
    {
        if (Viewer is not { } viewer)
        {
            return false;
        }

        var done = false;
        await AskAsync(async () =>
        {
            _refused = null;
            StateHasChanged();
            if ((await ask(viewer, Gone)).Try(out var answer, out var error))
            {
                then?.Invoke(answer);
                done = true;
            }
            else
            {
                _refused = (place, error);
            }
        });
        return done;
    }

    /// <summary>Asks for what a control was set to: it shows the choice at once, and what holds again when it is refused.</summary>
    private protected async Task<bool> ChooseAsync<TChoice, T>(string place, Pending<TChoice> pending, TChoice asked, TChoice actual, Func<RoomViewer, CancellationToken, Task<Outcome<T>>> ask)
        where TChoice : struct
    {
        if (EqualityComparer<TChoice>.Default.Equals(pending.Shown(actual), asked))
        {
            return true;
        }

        pending.Ask(asked, actual);
        StateHasChanged();
        if (await AskAsync(place, ask))
        {
            return true;
        }

        pending.Refuse();
        return false;
    }
}
