using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>The calls that panels make to the engine for the viewer of the page, as the agent that the viewer chose.</summary>
internal static class RoomActions
{
    /// <summary>Invokes an action, or previews what it would do.</summary>
    public static Task<Outcome<RunReport>> InvokeAsync(this RoomViewer viewer, string action, JsonElement parameters, bool preview, RoomPageModel before, CancellationToken cancellationToken) =>
        viewer.InvokeAsync(action, parameters, preview, agreed: null, before, cancellationToken);

    /// <summary>The same, with the person's word that what their agent keeps private may be published, as the definition of that version does.</summary>
    public static async Task<Outcome<RunReport>> InvokeAsync(
        this RoomViewer viewer, string action, JsonElement parameters, bool preview, ConsentRequested? agreed, RoomPageModel before, CancellationToken cancellationToken)
    {
        var request = new InvokeRequest { Params = parameters, Agent = viewer.ActAs, DryRun = preview, Consent = agreed?.Consent ?? [], IfActionVersion = agreed?.Version };
        return (await viewer.Engine.Actions.InvokeAsync(viewer.Caller, viewer.Room, action, request, cancellationToken)).Try(out var invoked, out var error)
            ? RunReport.Of(invoked.Report, before)
            : error;
    }

    /// <summary>Why an action is available or not; with parameters, also whether they would do.</summary>
    public static async Task<Outcome<ActionWhy>> ExplainAsync(this RoomViewer viewer, string action, JsonElement parameters, CancellationToken cancellationToken)
    {
        var request = new InvokeRequest { Params = parameters, Agent = viewer.ActAs };
        return (await viewer.Engine.Actions.ExplainAsync(viewer.Caller, viewer.Room, action, request, cancellationToken)).Try(out var explanation, out var error)
            ? ActionWhy.Of(explanation)
            : error;
    }

    /// <summary>The agents the person may act as.</summary>
    public static async Task<ImmutableArray<string>> ActableAsync(this RoomViewer viewer, CancellationToken cancellationToken) =>
        (await viewer.Engine.Agents.ActableAsync(viewer.Caller, viewer.Room, cancellationToken)).Try(out var agents, out _) ? agents : [];
}
