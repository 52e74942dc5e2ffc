using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What can be done in the room, whether it can be done now, and if not, why.</summary>
public sealed partial class ActionsPanel
{
    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Actions == now.Actions;
}
