using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What a person is asked before an action shows to others what their agent keeps private.</summary>
/// <param name="Registrant">Who wrote the action; null for the room's owner.</param>
/// <param name="Consent">What consent is given to.</param>
/// <param name="Version">The definition it is given for.</param>
/// <param name="Writes">What would be shown, and where.</param>
public sealed record ConsentAsked(string? Registrant, ImmutableArray<string> Consent, string Version, ImmutableArray<RunWrite> Writes)
{
    /// <summary>Reads it out of a refusal; null when that asks for none.</summary>
    public static ConsentAsked? Of(SyncError? error, RoomPicture before)
    {
        if (error is null || error.Code != ErrorCode.ConsentRequired || error.Details is null)
        {
            return null;
        }

        var details = JsonElement.Parse(error.Details.ToJsonString());
        return new ConsentAsked(
            details.Text("registered_by"),
            [.. details.Items("consent").Select(static word => word.GetString() ?? "")],
            details.Text("if_action_version") ?? "",
            [.. details.Items("writes").Select(write => RunReport.Write(write, before))]);
    }
}
