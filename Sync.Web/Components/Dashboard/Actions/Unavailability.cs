using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>Why an action cannot be invoked now, for people.</summary>
internal static class Unavailability
{
    public static string Sentence(string? reason) => reason switch
    {
        "action_disabled" => "Opens when",
        "precondition_failed" => "Needs",
        "action_cooldown" => "Cooling down.",
        "paused" => "Paused.",
        "action_expired" => "Its time has run out.",
        null => "Not available now.",
        _ => reason,
    };

    /// <summary>The condition that keeps it closed, or null when it is none.</summary>
    public static string? Condition(ActionModel action)
    {
        var member = action.Reason switch
        {
            "action_disabled" => "enabled",
            "precondition_failed" => "if",
            _ => null,
        };
        if (member is null)
        {
            return null;
        }

        return JsonLayout.Parse(action.Definition).Text(member);
    }
}
