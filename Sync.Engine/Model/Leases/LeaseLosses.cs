using System.Collections.Immutable;

namespace Sync.Engine.Model.Leases;

/// <summary>One hold that an agent lost without having given it up.</summary>
/// <param name="Key">The key.</param>
/// <param name="Agent">Who lost it.</param>
/// <param name="Since">Which of the agents that bore the id.</param>
/// <param name="At">The event it was lost with.</param>
internal readonly record struct LeaseLoss(string Key, string Agent, long Since, long At);

/// <summary>
/// What agents have lost: a session that goes on working on a key after that must not pass for the one that took it anew, so the agent proves from then on that it knows which hold is meant.
/// Bounded; of too many the oldest of the agent with the most are forgotten, so that nobody's losses push out another's. Immutable.
/// </summary>
internal sealed class LeaseLosses
{
    private const int Max = 10_000;

    private static readonly ImmutableSortedSet<(long At, string Key)> s_none = ImmutableSortedSet.Create<(long At, string Key)>(Comparer<(long At, string Key)>.Create(static (x, y) =>
        x.At.CompareTo(y.At) is not 0 and var order ? order : string.CompareOrdinal(x.Key, y.Key)));

    private static readonly ImmutableSortedSet<(int Count, string Agent)> s_nobody = ImmutableSortedSet.Create<(int Count, string Agent)>(Comparer<(int Count, string Agent)>.Create(static (x, y) =>
        x.Count.CompareTo(y.Count) is not 0 and var order ? order : string.CompareOrdinal(x.Agent, y.Agent)));

    private readonly ImmutableDictionary<(string Key, string Agent), LeaseLoss> _losses;
    private readonly ImmutableDictionary<string, ImmutableSortedSet<(long At, string Key)>> _byAgent;
    private readonly ImmutableSortedSet<(int Count, string Agent)> _counts;

    private LeaseLosses(
        ImmutableDictionary<(string Key, string Agent), LeaseLoss> losses,
        ImmutableDictionary<string, ImmutableSortedSet<(long At, string Key)>> byAgent,
        ImmutableSortedSet<(int Count, string Agent)> counts)
    {
        _losses = losses;
        _byAgent = byAgent;
        _counts = counts;
    }

    public static LeaseLosses None { get; } = new(
        ImmutableDictionary<(string Key, string Agent), LeaseLoss>.Empty,
        ImmutableDictionary.Create<string, ImmutableSortedSet<(long At, string Key)>>(StringComparer.Ordinal),
        s_nobody);

    /// <summary>All of them, oldest first.</summary>
    public IEnumerable<LeaseLoss> All => _losses.Values.OrderBy(static loss => loss.At).ThenBy(static loss => loss.Key, StringComparer.Ordinal).ThenBy(static loss => loss.Agent, StringComparer.Ordinal);

    /// <summary>Whether the agent that has this hold had lost the key before.</summary>
    public bool Has(string key, LeaseHold hold) => _losses.TryGetValue((key, hold.Agent), out var loss) && loss.Since == hold.Since;

    public LeaseLosses Add(in LeaseLoss loss)
    {
        var own = _byAgent.GetValueOrDefault(loss.Agent, s_none);
        var left = _losses.TryGetValue((loss.Key, loss.Agent), out var old) ? own.Remove((old.At, old.Key)) : own;
        var added = With(loss.Agent, own.Count, left.Add((loss.At, loss.Key)), _losses.SetItem((loss.Key, loss.Agent), loss));
        return added._losses.Count > Max ? added.WithoutOne() : added;
    }

    private LeaseLosses WithoutOne()
    {
        var most = _counts.Max.Agent;
        var own = _byAgent[most];
        return With(most, own.Count, own.Remove(own.Min), _losses.Remove((own.Min.Key, most)));
    }

    private LeaseLosses With(string agent, int before, ImmutableSortedSet<(long At, string Key)> own, ImmutableDictionary<(string Key, string Agent), LeaseLoss> losses)
    {
        var counts = _counts.Remove((before, agent));
        return own.IsEmpty ? new(losses, _byAgent.Remove(agent), counts) : new(losses, _byAgent.SetItem(agent, own), counts.Add((own.Count, agent)));
    }
}
