using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Connect;

/// <summary>The first page of an empty room.</summary>
public sealed partial class EmptyRoom
{
    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Info == now.Info && drawn.Packs == now.Packs;
}
