using System.Collections.Immutable;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Leases;

/// <summary>The changes of entries with which the engine ends holds of itself, without a command's working copy.</summary>
internal static class LeaseChanges
{
    /// <summary>The changes that end these holds.</summary>
    /// <param name="state">The room before.</param>
    /// <param name="ended">The holds.</param>
    /// <param name="byTimer">Whether the time does it: such a change ticks no timer.</param>
    public static IEnumerable<EntryChange> Ending(RoomState state, IEnumerable<EndedLease> ended, bool byTimer)
    {
        var left = new Dictionary<string, LeaseRecord?>(StringComparer.Ordinal);
        foreach (var (key, hold, _) in ended)
        {
            left[key] = (left.TryGetValue(key, out var lease) ? lease : state.Leases.Find(key))?.Without(hold.Agent);
        }

        return left.Select(pair => Of(state, pair.Key, pair.Value, byTimer));
    }

    /// <summary>All holds of agents that leave the room.</summary>
    public static ImmutableArray<EndedLease> Of(RoomState state, IEnumerable<string> agents) =>
    [
        .. agents.SelectMany(agent => state.Leases.KeysOf(agent).Select(key => new EndedLease(key, state.Leases.Find(key)!.Of(agent)!, LeaseEndReason.Removed))), // By the index of their holders.
    ];

    private static EntryChange Of(RoomState state, string key, LeaseRecord? lease, bool byTimer)
    {
        var entry = state.Find(ReservedScopes.Leases, key)!; // The table is made of the entries.
        return new EntryChange
        {
            Kind = lease is null ? ChangeKind.Delete : ChangeKind.Put,
            Scope = ReservedScopes.Leases,
            Key = key,
            Value = lease?.ToJson(),
            Revision = lease is null ? 0 : entry.Revision + 1,
            Fired = byTimer,
            PreviousSeq = entry.Seq,
            PreviousVersion = entry.CheapVersion,
        };
    }
}
