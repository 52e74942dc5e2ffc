using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What a person is asked before an action shows to others what their agent keeps private.</summary>
/// <param name="Registrant">Who wrote the action; null for the room's owner.</param>
/// <param name="Consent">What consent is given to.</param>
/// <param name="Version">The definition it is given for.</param>
/// <param name="Writes">What would be shown, and where.</param>
public sealed record ConsentRequested(string? Registrant, ImmutableArray<string> Consent, string Version, ImmutableArray<RunWrite> Writes)
{
    /// <summary>Reads it out of a refusal; null when that asks for none.</summary>
    public static ConsentRequested? Of(SyncError? error, RoomPageModel before)
    {
        if (error is null || error.Code != ErrorCode.ConsentRequired || error.Details is null)
        {
            return null;
        }

        return new ConsentRequested(
            error.Details["registered_by"]?.GetValue<string>(),
            error.Details["consent"] is JsonArray consent ? [.. consent.Select(static word => word?.GetValue<string>() ?? "")] : [],
            error.Details["if_action_version"]?.GetValue<string>() ?? "",
            [.. ReportedWrite.Of(error).Select(write => RunReport.Write(write, before))]);
    }
}
