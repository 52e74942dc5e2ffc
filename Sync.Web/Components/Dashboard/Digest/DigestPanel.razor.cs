using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Digest;

/// <summary>What a room is for, who is there, what can be done, what needs a person: shown where there are no surfaces.</summary>
public sealed partial class DigestPanel
{
    private (RoomPicture? Of, RoomDigest? Digest) _made;

    [CascadingParameter]
    private RoomDesk? Desk { get; set; }

    private RoomDigest Digest
    {
        get
        {
            if (_made.Digest is null || !ReferenceEquals(_made.Of, Picture))
            {
                _made = (Picture, RoomDigest.Of(Picture));
            }

            return _made.Digest;
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) =>
        drawn.Agents == now.Agents && drawn.Actions == now.Actions && drawn.Views == now.Views && drawn.Entries == now.Entries && drawn.Activity == now.Activity;

    private void Show(Concern concern) => Desk?.Go(Desk.Place with { Panel = concern.Panel, Event = concern.Event ?? Desk.Place.Event });
}
