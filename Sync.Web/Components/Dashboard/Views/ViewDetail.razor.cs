using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Views;

/// <summary>One view, opened: its value, its expression, who stands behind it, and the means to change it.</summary>
public sealed partial class ViewDetail
{
    private SyncError? _notDeleted;

    /// <summary>The view.</summary>
    [Parameter, EditorRequired]
    public required ViewModel View { get; set; }

    /// <summary>Whether it is not enabled now and so has no value.</summary>
    [Parameter]
    public bool Dormant { get; set; }

    /// <summary>Whether its definition is under the pen.</summary>
    [Parameter]
    public bool Editing { get; set; }

    /// <summary>Takes up the pen.</summary>
    [Parameter]
    public EventCallback Edit { get; set; }

    /// <summary>Puts it down.</summary>
    [Parameter]
    public EventCallback EditClosed { get; set; }

    private string? Condition => View.Definition is { } definition ? JsonLayout.Parse(definition).Text("enabled") : null;

    private Task DeleteAsync() => AskAsync(async () =>
    {
        var parameters = JsonSerializer.SerializeToElement(new JsonObject { ["id"] = View.Id });
        _notDeleted = Viewer is null ? null : (await Viewer.InvokeAsync("_delete_view", parameters, preview: false, Model, Gone)).Error;
    });
}
