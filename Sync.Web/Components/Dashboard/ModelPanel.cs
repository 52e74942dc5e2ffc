using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard;

/// <summary>
/// A part of the page that shows a part of a room's model. It is handed every new model but rendered only when its own part is another
/// object than the one it drew last: models share what did not change. What a panel keeps besides (a filter, a selection) it changes
/// in event handlers and then calls <see cref="Redraw"/>.
/// </summary>
public abstract class ModelPanel : ComponentBase
{
    private RoomPageModel? _drawn;
    private bool _redraw = true;

    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    /// <summary>Whether this panel's part is the same object in both models.</summary>
    protected abstract bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now);

    /// <summary>Renders at the next opportunity although the model is the same.</summary>
    protected void Redraw()
    {
        DrawNext();
        StateHasChanged();
    }

    /// <summary>Lets the coming render happen: for panels with further parameters, from <see cref="ComponentBase.OnParametersSet"/>.</summary>
    protected void DrawNext() => _redraw = true;

    /// <inheritdoc/>
    protected sealed override bool ShouldRender()
    {
        var should = _redraw || _drawn is null || _drawn.IsPast != Model.IsPast || _drawn.Info.Access != Model.Info.Access || !ShowsTheSame(_drawn, Model);
        _redraw = false;
        if (should)
        {
            _drawn = Model;
        }

        return should;
    }
}
