using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>Sets who may join the room.</summary>
public sealed partial class JoinBlock
{
    private static readonly (JoinPolicy Join, string Words, string Means)[] s_choices =
    [
        (JoinPolicy.Members, "Members only", "Knowing the room's id opens nothing: who is to come in is invited."),
        (JoinPolicy.Open, "Whoever knows the room's id", "Anybody who has the id, or a link that contains it, joins as an agent, reads everything shared and acts."),
    ];

    private readonly Pending<JoinPolicy> _pending = new();

    private JoinPolicy Shown => _pending.Shown(Model.Info.Join);

    private Task SetAsync(JoinPolicy join) =>
        ChooseAsync("join", _pending, join, Model.Info.Join, (viewer, cancellationToken) => viewer.Engine.Rooms.PatchAsync(viewer.Caller, viewer.Room, new RoomPatch(null, join), cancellationToken));
}
