using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard;

/// <summary>The room's name, and how the page stands towards it.</summary>
public sealed partial class RoomHeader
{
    /// <summary>The room's id.</summary>
    [Parameter, EditorRequired]
    public required string RoomId { get; set; }

    /// <summary>What the page paints.</summary>
    [Parameter, EditorRequired]
    public required RoomFrame Frame { get; set; }

    private string StageWord => Frame.Stage switch
    {
        RoomStage.Live => "Live",
        RoomStage.Opening => "Opening",
        RoomStage.Ended => "Ended",
        RoomStage.Failed => "Stopped",
        _ => "Closed",
    };

    private static string Presence(RoomPicture picture)
    {
        var active = picture.Agents.Count(agent => agent.Status == "active");
        var waiting = picture.Agents.Count(agent => agent.Status == "waiting");
        return (active, waiting) switch
        {
            (0, 0) => picture.Agents.IsEmpty ? "nobody" : "all idle",
            (_, 0) => $"{active} active",
            (0, _) => $"{waiting} waiting",
            _ => $"{active} active, {waiting} waiting",
        };
    }

    private string AccessWord(RoomPicture picture) => Frame.IsAudience
        ? "watching"
        : picture.Info.Access switch
        {
            AccessLevel.Admin => "full",
            AccessLevel.Write => "read and write",
            AccessLevel.Read => "read only",
            _ => "none",
        };
}
