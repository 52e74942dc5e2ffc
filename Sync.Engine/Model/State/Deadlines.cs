using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.State;

/// <summary>
/// When something ends by itself that stands still while the room is paused: leases, and approvals that nobody decides. All moments are in running time (<see cref="RoomState.Running"/>). The room's writer looks here for when to look
/// again, and ends what is due before it decides anything; what is due and what becomes of it says <c>DueEnds</c>. Whatever else ends so has a line in both methods and one there.
/// </summary>
internal static class Deadlines
{
    /// <summary>The first moment at which something is due as things stand; nothing is due before. Null where nothing ends by itself.</summary>
    public static DateTimeOffset? Next(RoomState state, IPresence presence) =>
        state.Leases.NextEnd(presence, state.Running) is not { } lease ? state.Approvals.NextDue
        : state.Approvals.NextDue is { } approval && approval < lease ? approval : lease;

    /// <summary>The same of the one entry that a change is of: what it has brought may end sooner than all before it.</summary>
    public static DateTimeOffset? Of(RoomState after, EntryChange change) => change.Scope switch
    {
        ReservedScopes.Leases => after.Leases.Find(change.Key)?.FirstEnd,
        ReservedScopes.Approvals => after.Approvals.Find(change.Key) is { IsPending: true } record ? record.Expires : null,
        _ => null,
    };
}
