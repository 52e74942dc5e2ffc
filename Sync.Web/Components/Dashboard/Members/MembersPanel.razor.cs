using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>Who belongs to the room and how others get in, and what its owners do with the room as a whole.</summary>
public sealed partial class MembersPanel
{
    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    private bool CanManage => Viewer is not null && RoomViewer.CanManage(Model);

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Info.Join == now.Info.Join && drawn.Info.Role == now.Info.Role && drawn.Info.Name == now.Info.Name
        && drawn.Info.Members.SequenceEqual(now.Info.Members) && drawn.Info.Invited.SequenceEqual(now.Info.Invited)
        // Joins make tokens.
        && drawn.Agents == now.Agents
        // The share links name the surfaces there are.
        && drawn.Views == now.Views;
}
