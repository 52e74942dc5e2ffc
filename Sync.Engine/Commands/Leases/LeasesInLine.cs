using System.Collections.Immutable;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Commands.Leases;

/// <summary>
/// The leases that calls stand in line for, as one decision meets them: whoever would take what an earlier call stands in line for stands behind it. Notes what the decision itself would take, and what is
/// in its way, so that it can stand in line if it is refused. One decision, one thread.
/// </summary>
/// <param name="ahead">The agent of a call in line before this one that wants what nobody else can hold at the same time; null where there is none.</param>
internal sealed class LeasesInLine(Func<WantedLease, string?> ahead)
{
    private readonly List<WantedLease> _wanted = [];
    private readonly HashSet<string> _inTheWay = new(StringComparer.Ordinal);

    /// <summary>What the decision would take.</summary>
    public ImmutableArray<WantedLease> Wanted => [.. _wanted.Distinct()];

    /// <summary>The keys of the leases that are in its way.</summary>
    public IReadOnlyCollection<string> InTheWay => _inTheWay;

    /// <summary>Notes a lease that the decision would take. Answers who stands in line for it, or null.</summary>
    public string? Want(WantedLease wanted)
    {
        _wanted.Add(wanted);
        return ahead(wanted);
    }

    /// <summary>Notes leases that are in its way.</summary>
    public void Note(IEnumerable<LeaseRecord> inTheWay) => _inTheWay.UnionWith(inTheWay.Select(static lease => lease.Key));
}
