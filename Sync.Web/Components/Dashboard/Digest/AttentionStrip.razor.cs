using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Digest;

/// <summary>What in a room needs a person, above everything else on its overview; each leads to where it is mended.</summary>
public sealed partial class AttentionStrip
{
    private const int MaxShown = 3;
    private const int MaxConcerns = 20;

    private bool _all;

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Actions == now.Actions && drawn.Views == now.Views && drawn.Activity == now.Activity && drawn.PendingApprovals == now.PendingApprovals
        && drawn.Vocabulary == now.Vocabulary && drawn.Pauses == now.Pauses;

    private static PageLocation Target(Concern concern, PageLocation origin) => origin with
    {
        Panel = concern.Panel,
        Event = concern.Event ?? origin.Event,
        View = concern.View ?? origin.View,
    };

    private string Address(Concern concern) => Target(concern, Navigation?.Location ?? new PageLocation()).Href(Model.Info.Id);

    private void Show(Concern concern) => Navigation?.Go(Target(concern, Navigation.Location));
}
