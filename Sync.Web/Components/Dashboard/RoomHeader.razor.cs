using Microsoft.AspNetCore.Components;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard;

/// <summary>The room's name, and how the page stands towards it.</summary>
public sealed partial class RoomHeader
{
    // On a phone the facts are folded away; elsewhere they always stand there.
    private bool _open;

    /// <summary>The room's id.</summary>
    [Parameter, EditorRequired]
    public required string RoomId { get; set; }

    /// <summary>What the page paints.</summary>
    [Parameter, EditorRequired]
    public required PageState Frame { get; set; }

    private string StageWord => Frame.Status switch
    {
        PageStatus.Live => "Live",
        PageStatus.Opening => "Opening",
        PageStatus.Ended => "Ended",
        PageStatus.Failed => "Stopped",
        _ => "Not open",
    };

    private static string Presence(RoomPageModel model)
    {
        var active = model.Agents.Count(agent => agent.Status == AgentStatus.Active);
        var waiting = model.Agents.Count(agent => agent.Status == AgentStatus.Waiting);
        return (active, waiting) switch
        {
            (0, 0) => model.Agents.IsEmpty ? "nobody" : "all idle",
            (_, 0) => $"{active} active",
            (0, _) => $"{waiting} waiting",
            _ => $"{active} active, {waiting} waiting",
        };
    }

    private string AccessWord(RoomPageModel model) => Frame.IsAudience
        ? "watching"
        : model.Info.Access switch
        {
            AccessLevel.Admin => "full",
            AccessLevel.Write => "read and write",
            AccessLevel.Read => "read only",
            _ => "none",
        };
}
