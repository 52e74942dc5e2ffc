using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Runtime.Lines;

/// <summary>
/// The calls in line that want leases, by what they want: for each the one that it stands behind is found without a look at the others. Whoever conflicts with an earlier one stands behind it, so that
/// those who share a key never keep one from it who wants it alone. Guarded by the writer's lock.
/// </summary>
internal sealed class ClaimIndex
{
    private readonly Dictionary<long, ParkedCall> _calls = [];
    private readonly Dictionary<string, (SortedSet<long> All, SortedSet<long> Exclusive)> _byKey = new(StringComparer.Ordinal);
    private PathIndex<long> _paths = PathIndex<long>.Empty;

    public bool IsEmpty => _calls.Count == 0;

    public void Add(ParkedCall call)
    {
        _calls[call.Arrival] = call;
        foreach (var wanted in call.Obstacle.Wanted)
        {
            ref var same = ref CollectionsMarshal.GetValueRefOrAddDefault(_byKey, wanted.Key, out var known);
            if (!known)
            {
                same = ([], []);
            }

            same.All.Add(call.Arrival);
            if (!wanted.IsShared)
            {
                same.Exclusive.Add(call.Arrival);
            }

            _paths = _paths.Add(call.Arrival, wanted.Paths);
        }
    }

    public void Remove(ParkedCall call)
    {
        _calls.Remove(call.Arrival);
        foreach (var wanted in call.Obstacle.Wanted)
        {
            if (_byKey.TryGetValue(wanted.Key, out var same))
            {
                same.All.Remove(call.Arrival);
                same.Exclusive.Remove(call.Arrival);
                if (same.All.Count == 0)
                {
                    _byKey.Remove(wanted.Key);
                }
            }

            _paths = _paths.Remove(call.Arrival, wanted.Paths);
        }
    }

    /// <summary>The last of those that came before an arrival and conflict with what is wanted, or null.</summary>
    public ParkedCall? Ahead(ImmutableArray<WantedLease> wanted, long arrival)
    {
        var last = 0L;
        foreach (var lease in wanted)
        {
            if (_byKey.TryGetValue(lease.Key, out var same))
            {
                last = Math.Max(last, (lease.IsShared ? same.Exclusive : same.All).GetViewBetween(0, arrival - 1).Max);
            }

            foreach (var other in _paths.Overlapping(lease.Paths))
            {
                if (other > last && other < arrival && Conflicts(other, lease))
                {
                    last = other;
                }
            }
        }

        return last == 0 ? null : _calls[last];
    }

    /// <summary>Those that came after a call and conflict with it.</summary>
    public IReadOnlyCollection<ParkedCall> Behind(ParkedCall call)
    {
        var behind = new SortedSet<long>();
        foreach (var lease in call.Obstacle.Wanted)
        {
            if (_byKey.TryGetValue(lease.Key, out var same))
            {
                behind.UnionWith((lease.IsShared ? same.Exclusive : same.All).GetViewBetween(call.Arrival + 1, long.MaxValue));
            }

            behind.UnionWith(_paths.Overlapping(lease.Paths).Where(other => other > call.Arrival && Conflicts(other, lease)));
        }

        return [.. behind.Select(arrival => _calls[arrival])];
    }

    private bool Conflicts(long arrival, WantedLease lease) => _calls[arrival].Obstacle.Wanted.Any(lease.Conflicts);
}
