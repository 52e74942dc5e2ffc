using System.Collections.Immutable;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Commands.Leases;

/// <summary>A lease that a call would take. Data, compared by value.</summary>
/// <param name="Key">Its key.</param>
/// <param name="IsShared">Whether others may hold it as well, who share it too.</param>
/// <param name="Paths">The paths that it reserves.</param>
internal sealed record WantedLease(string Key, bool IsShared, ImmutableArray<PathPattern> Paths)
{
    /// <summary>Whether one agent cannot hold this while another holds the other.</summary>
    public bool Conflicts(WantedLease other) =>
        !(IsShared && other.IsShared) && (Key == other.Key || Paths.Any(path => other.Paths.Any(path.Overlaps)));

    public bool Equals(WantedLease? other) => other is not null && Key == other.Key && IsShared == other.IsShared && Paths.SequenceEqual(other.Paths);

    public override int GetHashCode() => HashCode.Combine(Key, IsShared, Paths.Length);
}
