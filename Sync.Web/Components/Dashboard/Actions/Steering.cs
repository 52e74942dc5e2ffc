using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What a panel asks of the engine on behalf of the person before the page, as the agent they chose.</summary>
internal static class Steering
{
    /// <summary>Invokes an action, or tells what it would do.</summary>
    public static Task<Outcome<RunReport>> InvokeAsync(this RoomSeat seat, string action, JsonElement parameters, bool preview, RoomPicture before, CancellationToken cancellationToken) =>
        seat.InvokeAsync(action, parameters, preview, agreed: null, before, cancellationToken);

    /// <summary>The same, with the person's word that what their agent keeps private may be published, as the definition of that version does.</summary>
    public static async Task<Outcome<RunReport>> InvokeAsync(
        this RoomSeat seat, string action, JsonElement parameters, bool preview, ConsentAsked? agreed, RoomPicture before, CancellationToken cancellationToken)
    {
        var request = new InvokeRequest { Params = parameters, Agent = seat.ActAs, DryRun = preview, Consent = agreed?.Consent ?? [], IfActionVersion = agreed?.Version };
        return (await seat.Engine.Actions.InvokeAsync(seat.Caller, seat.Room, action, request, cancellationToken)).Try(out var invoked, out var error)
            ? RunReport.Of(invoked.Report, before)
            : error;
    }

    /// <summary>Why an action is available or not; with parameters, also whether they would do.</summary>
    public static async Task<Outcome<ActionWhy>> ExplainAsync(this RoomSeat seat, string action, JsonElement parameters, CancellationToken cancellationToken)
    {
        var request = new InvokeRequest { Params = parameters, Agent = seat.ActAs };
        return (await seat.Engine.Actions.ExplainAsync(seat.Caller, seat.Room, action, request, cancellationToken)).Try(out var explanation, out var error)
            ? ActionWhy.Of(explanation)
            : error;
    }

    /// <summary>The agents the person may act as.</summary>
    public static async Task<ImmutableArray<string>> ActableAsync(this RoomSeat seat, CancellationToken cancellationToken) =>
        (await seat.Engine.Agents.ActableAsync(seat.Caller, seat.Room, cancellationToken)).Try(out var agents, out _) ? agents : [];
}
