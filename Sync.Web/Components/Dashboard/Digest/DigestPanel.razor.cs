using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Digest;

/// <summary>What a room is for, who is there, what can be done: shown where there are no surfaces.</summary>
public sealed partial class DigestPanel
{
    private (RoomPageModel? Of, RoomDigest? Digest) _made;

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
        drawn.Agents == now.Agents && drawn.Actions == now.Actions && drawn.Entries == now.Entries;
}
