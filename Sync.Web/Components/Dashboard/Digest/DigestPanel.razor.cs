using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Digest;

/// <summary>What a room is for, who is there, what can be done, what needs a person: shown where there are no surfaces.</summary>
public sealed partial class DigestPanel
{
    private (RoomPageModel? Of, RoomDigest? Digest) _made;

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private RoomDigest Digest
    {
        get
        {
            if (_made.Digest is null || !ReferenceEquals(_made.Of, Model))
            {
                _made = (Model, RoomDigest.Of(Model));
            }

            return _made.Digest;
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Agents == now.Agents && drawn.Actions == now.Actions && drawn.Views == now.Views && drawn.Entries == now.Entries && drawn.Activity == now.Activity;

    private void Show(Concern concern) => Navigation?.Go(Navigation.Location with { Panel = concern.Panel, Event = concern.Event ?? Navigation.Location.Event });
}
