using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Commands.Leases;

/// <summary>
/// Whether a call may rest on the holds that it needs. A fence that is given is the current one of one of them. It may be left out only while each hold is unbroken since its agent took the key for the
/// first time: an agent that lost one and took it anew may have a session that knows nothing of that.
/// </summary>
internal static class LeaseFence
{
    /// <summary>Null when the invoker holds each key and the fence is right.</summary>
    /// <param name="leases">The leases.</param>
    /// <param name="agent">Who invokes.</param>
    /// <param name="keys">The keys that are needed.</param>
    /// <param name="fence">The fence that the call gives, or null.</param>
    /// <param name="what">What needs them, as the subject of a sentence.</param>
    public static SyncError? Check(LeaseEdit leases, string? agent, IReadOnlyList<string> keys, long? fence, string what)
    {
        var moment = leases.Moment;
        foreach (var key in keys)
        {
            var lease = leases.Find(key);
            if (lease?.Of(agent) is null)
            {
                return fence is null ? LeaseErrors.Required(moment, key, lease, what) : LeaseErrors.Lost(moment, key, lease, agent, fence);
            }
        }

        if (fence is { } given && keys.Count > 0 && !keys.Any(key => HoldOf(leases, agent, key).Fence == given))
        {
            return LeaseErrors.Lost(moment, keys[0], leases.Find(keys[0]), agent, given);
        }

        // One fence proves what is not younger: whoever knows it has seen the room after the others were given.
        foreach (var key in keys)
        {
            var hold = HoldOf(leases, agent, key);
            if ((hold.NeedsFence || moment.State.LeaseLosses.Has(key, hold)) && !(hold.Fence <= fence))
            {
                return LeaseErrors.Lost(moment, key, leases.Find(key), agent, fence);
            }
        }

        return null;
    }

    /// <summary>Null when a call that needs no key gives no fence, or that of any hold of its agent.</summary>
    public static SyncError? CheckAny(InvocationInput input) =>
        input.Fence is not { } given || LiveLeases.Of(input.Moment, input.Actor.Agent).Any(lease => lease.Of(input.Actor.Agent)?.Fence == given) ? null : LeaseErrors.LostFence(given);

    private static LeaseHold HoldOf(LeaseEdit leases, string? agent, string key) => leases.HoldOf(agent, key)!; // Each was found to be held.
}
