using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>One action, opened: its form, why it is available or not, its definition, and the means to change it.</summary>
public sealed partial class ActionDetail
{
    private ActionWhy? _why;
    private SyncError? _refusal;
    private SyncError? _notDeleted;
    private ActionModel? _explained;
    private string? _as;

    /// <summary>The action.</summary>
    [Parameter, EditorRequired]
    public required ActionModel Action { get; set; }

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
        if (Viewer is null || (_explained == Action && _as == Viewer.ActAs && _why is not null))
        {
            return;
        }

        (_explained, _as) = (Action, Viewer.ActAs);
        _refusal = (await Viewer.ExplainAsync(Action.Id, parameters: default, Gone)).Try(out _why, out var error) ? null : error;
    }

    private Task DeleteAsync() => AskAsync(async () =>
    {
        var parameters = JsonSerializer.SerializeToElement(new JsonObject { ["id"] = Action.Id });
        _notDeleted = Viewer is null ? null : (await Viewer.InvokeAsync("_delete_action", parameters, preview: false, Model, Gone)).Error;
    });
}
