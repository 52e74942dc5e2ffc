using System.Collections.Immutable;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Timers;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// The leases of a room by key, by holder and by when they end. Made of the entries of <c>_leases</c>, whose changes move it. What it holds may be over already: an end counts from its moment on,
/// logged or not, so readers ask <see cref="LiveLeases"/>. Immutable.
/// </summary>
internal sealed class LeaseTable
{
    private static readonly IComparer<(DateTimeOffset At, string Key, string Agent)> s_byMoment = Comparer<(DateTimeOffset At, string Key, string Agent)>.Create(static (x, y) =>
        x.At.CompareTo(y.At) is not 0 and var order ? order : string.CompareOrdinal(x.Key, y.Key) is not 0 and var byKey ? byKey : string.CompareOrdinal(x.Agent, y.Agent));

    private readonly ImmutableSortedDictionary<string, LeaseRecord> _byKey;
    private readonly ImmutableDictionary<string, ImmutableSortedSet<string>> _byAgent;

    // Ends of holds with a span of their own, and where the others began, by holder.
    private readonly ImmutableSortedSet<(DateTimeOffset At, string Key, string Agent)> _ends;
    private readonly ImmutableDictionary<string, ImmutableSortedSet<(DateTimeOffset At, string Key, string Agent)>> _begun;

    private readonly PathIndex<(string Key, string Agent)> _paths;

    private LeaseTable(
        ImmutableSortedDictionary<string, LeaseRecord> byKey,
        ImmutableDictionary<string, ImmutableSortedSet<string>> byAgent,
        ImmutableSortedSet<(DateTimeOffset At, string Key, string Agent)> ends,
        ImmutableDictionary<string, ImmutableSortedSet<(DateTimeOffset At, string Key, string Agent)>> begun,
        PathIndex<(string Key, string Agent)> paths)
    {
        _byKey = byKey;
        _byAgent = byAgent;
        _ends = ends;
        _begun = begun;
        _paths = paths;
    }

    public static LeaseTable Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, LeaseRecord>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal),
        ImmutableSortedSet.Create(s_byMoment),
        ImmutableDictionary.Create<string, ImmutableSortedSet<(DateTimeOffset At, string Key, string Agent)>>(StringComparer.Ordinal),
        PathIndex<(string Key, string Agent)>.Empty);

    /// <summary>How many keys are held.</summary>
    public int Count => _byKey.Count;

    /// <summary>All leases by key, those that are over and not logged so yet among them.</summary>
    public IReadOnlyDictionary<string, LeaseRecord> All => _byKey;

    /// <summary>The lease of a key as it was logged last, or null.</summary>
    public LeaseRecord? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>The keys that an agent holds, in order.</summary>
    public ImmutableSortedSet<string> KeysOf(string agent) => _byAgent.GetValueOrDefault(agent, s_noKeys);

    /// <summary>Whoever reserves a path that one of the patterns matches too, with the key of that; more than once where several do.</summary>
    /// <param name="patterns">The patterns.</param>
    /// <param name="compares">Asked before two patterns are compared, for what that costs; false leaves the owner's out.</param>
    public IEnumerable<(string Key, string Agent)> Overlapping(ImmutableArray<PathPattern> patterns, Func<(string Key, string Agent), PathPattern, PathPattern, bool> compares) =>
        patterns.IsEmpty ? [] : _paths.Overlapping(patterns, compares);

    /// <summary>The first moment of running time at which a hold ends as things stand: signs of life make it later, never earlier. Null where none ends by itself.</summary>
    public DateTimeOffset? NextEnd(IPresence presence, RunningClock clock)
    {
        var next = _ends.IsEmpty ? (DateTimeOffset?)null : _ends.Min.At;
        foreach (var begun in _begun.Values)
        {
            // Whoever began first has the earliest end among the holds of one agent.
            var (_, key, agent) = begun.Min;
            if (_byKey[key].Of(agent)!.EndAt(presence, clock) is { } end && (next is null || end < next)) // Where it stands in the index.
            {
                next = end;
            }
        }

        return next;
    }

    /// <summary>The holds that are over at a moment of running time, with their keys.</summary>
    public IEnumerable<(LeaseRecord Lease, LeaseHold Hold)> Over(IPresence presence, RunningClock clock, DateTimeOffset running)
    {
        foreach (var (at, key, agent) in _ends)
        {
            if (at > running)
            {
                break;
            }

            yield return (_byKey[key], _byKey[key].Of(agent)!); // Where it stands in the index.
        }

        foreach (var begun in _begun.Values)
        {
            foreach (var (_, key, agent) in begun)
            {
                var hold = _byKey[key].Of(agent)!; // As above.
                if (!(hold.EndAt(presence, clock) <= running))
                {
                    break;
                }

                yield return (_byKey[key], hold);
            }
        }
    }

    /// <summary>The table with another lease of a key; null takes it away.</summary>
    public LeaseTable Replace(string key, LeaseRecord? lease)
    {
        var before = _byKey.GetValueOrDefault(key);
        if (before is null && lease is null)
        {
            return this;
        }

        var (byAgent, ends, begun, paths) = (_byAgent, _ends, _begun, _paths);
        foreach (var hold in before?.Holds ?? [])
        {
            byAgent = Without(byAgent, hold.Agent, key);
            paths = hold.Patterns.IsEmpty ? paths : paths.Remove((key, hold.Agent), hold.Patterns);
            (ends, begun) = Timed(hold) is not { } at ? (ends, begun) : hold.Ttl is not null ? (ends.Remove((at, key, hold.Agent)), begun) : (ends, Without(begun, hold.Agent, (at, key, hold.Agent)));
        }

        foreach (var hold in lease?.Holds ?? [])
        {
            paths = hold.Patterns.IsEmpty ? paths : paths.Add((key, hold.Agent), hold.Patterns);
            byAgent = byAgent.SetItem(hold.Agent, byAgent.GetValueOrDefault(hold.Agent, s_noKeys).Add(key));
            (ends, begun) = Timed(hold) is not { } at ? (ends, begun)
                : hold.Ttl is not null ? (ends.Add((at, key, hold.Agent)), begun)
                : (ends, begun.SetItem(hold.Agent, begun.GetValueOrDefault(hold.Agent, s_noMoments).Add((at, key, hold.Agent))));
        }

        return new LeaseTable(lease is null ? _byKey.Remove(key) : _byKey.SetItem(key, lease), byAgent, ends, begun, paths);
    }

    private static readonly ImmutableSortedSet<string> s_noKeys = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    private static readonly ImmutableSortedSet<(DateTimeOffset At, string Key, string Agent)> s_noMoments = ImmutableSortedSet.Create(s_byMoment);

    // Where it stands in the index of its kind; nowhere while its clock stands still.
    private static DateTimeOffset? Timed(LeaseHold hold) => hold.StoppedAt is not null ? null : hold.Ttl is { } ttl ? hold.Began + ttl : hold.Began;

    private static ImmutableDictionary<string, ImmutableSortedSet<T>> Without<T>(ImmutableDictionary<string, ImmutableSortedSet<T>> index, string agent, T item)
    {
        var left = index[agent].Remove(item);
        return left.IsEmpty ? index.Remove(agent) : index.SetItem(agent, left);
    }
}
