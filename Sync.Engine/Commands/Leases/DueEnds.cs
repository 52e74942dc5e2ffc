using Sync.Engine.Commands.Approvals;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Leases;

/// <summary>
/// What becomes of what ends by itself (<see cref="Deadlines"/>): one event of the engine's own that ends it, with what follows as further steps. Pure. The writer asks before it decides any command, so
/// that no decision meets a lease that is over, or an approval.
/// </summary>
internal static class DueEnds
{
    // So many in one event; the writer asks until nothing is due.
    private const int MaxInOne = 256;

    // And of those that something follows, which all has to find room in it.
    private const int MaxFollowed = 32;

    /// <summary>The event that ends what is due, with the room after it; null where nothing is.</summary>
    public static (RoomEvent Event, RoomState After)? Take(Moment moment, RoomLimits limits)
    {
        var state = moment.State;
        var ended = new List<EndedLease>();
        var followed = 0;
        foreach (var (lease, hold) in state.Leases.Over(moment.Presence, state.Running, moment.Running))
        {
            followed += hold.OnLapse is null ? 0 : 1;
            if (ended.Count == MaxInOne || followed > MaxFollowed)
            {
                break;
            }

            ended.Add(new EndedLease(lease.Key, hold, LeaseEndReason.Expired));
        }

        if (ended.Count == 0)
        {
            return Closing.Expire(moment);
        }

        var e = new RoomEvent { Seq = state.Seq + 1, At = moment.Now, Kind = EventKind.TimerFired, Changes = [.. LeaseChanges.Ending(state, ended, byTimer: true)] };
        return Lapses.Follow(moment, e, state.Apply(e), ended, limits);
    }
}
