using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>One action, opened: its form, why it is available or not, its definition, and the means to change it.</summary>
public sealed partial class ActionDetail
{
    private ActionWhy? _why;
    private SyncError? _refusal;
    private SyncError? _notDeleted;
    private ActionPicture? _explained;
    private string? _as;

    /// <summary>The action.</summary>
    [Parameter, EditorRequired]
    public required ActionPicture Action { get; set; }

    /// <summary>Whether its definition is under the pen.</summary>
    [Parameter]
    public bool Editing { get; set; }

    /// <summary>Takes up the pen.</summary>
    [Parameter]
    public EventCallback Edit { get; set; }

    /// <summary>Puts it down.</summary>
    [Parameter]
    public EventCallback EditClosed { get; set; }

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => ExplainAsync();

    private async Task ExplainAsync()
    {
        if (Seat is null || (_explained == Action && _as == Seat.ActAs && _why is not null))
        {
            return;
        }

        (_explained, _as) = (Action, Seat.ActAs);
        _refusal = (await Seat.ExplainAsync(Action.Id, parameters: default, Gone)).Try(out _why, out var error) ? null : error;
    }

    private Task DeleteAsync() => AskAsync(async () =>
    {
        var parameters = JsonSerializer.SerializeToElement(new JsonObject { ["id"] = Action.Id });
        _notDeleted = Seat is null ? null : (await Seat.InvokeAsync("_delete_action", parameters, preview: false, Picture, Gone)).Error;
    });
}
