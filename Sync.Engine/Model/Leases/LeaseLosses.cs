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
/// Bounded; of too many the oldest are forgotten. Immutable.
/// </summary>
internal sealed class LeaseLosses
{
    private const int Max = 10_000;

    private static readonly IComparer<(long At, string Key, string Agent)> s_byAge = Comparer<(long At, string Key, string Agent)>.Create(static (x, y) =>
        x.At.CompareTo(y.At) is not 0 and var order ? order : string.CompareOrdinal(x.Key, y.Key) is not 0 and var byKey ? byKey : string.CompareOrdinal(x.Agent, y.Agent));

    private readonly ImmutableDictionary<(string Key, string Agent), LeaseLoss> _losses;
    private readonly ImmutableSortedSet<(long At, string Key, string Agent)> _byAge;

    private LeaseLosses(ImmutableDictionary<(string Key, string Agent), LeaseLoss> losses, ImmutableSortedSet<(long At, string Key, string Agent)> byAge)
    {
        _losses = losses;
        _byAge = byAge;
    }

    public static LeaseLosses None { get; } = new(ImmutableDictionary<(string Key, string Agent), LeaseLoss>.Empty, ImmutableSortedSet.Create(s_byAge));

    /// <summary>All of them, oldest first.</summary>
    public IEnumerable<LeaseLoss> All => _byAge.Select(place => _losses[(place.Key, place.Agent)]);

    /// <summary>Whether the agent that has this hold had lost the key before.</summary>
    public bool Has(string key, LeaseHold hold) => _losses.TryGetValue((key, hold.Agent), out var loss) && loss.Since == hold.Since;

    public LeaseLosses Add(in LeaseLoss loss)
    {
        var place = (loss.Key, loss.Agent);
        var byAge = (_losses.TryGetValue(place, out var old) ? _byAge.Remove((old.At, old.Key, old.Agent)) : _byAge).Add((loss.At, loss.Key, loss.Agent));
        var losses = _losses.SetItem(place, loss);
        if (byAge.Count > Max)
        {
            var oldest = byAge[0];
            return new LeaseLosses(losses.Remove((oldest.Key, oldest.Agent)), byAge.Remove(oldest));
        }

        return new LeaseLosses(losses, byAge);
    }
}
