using System.Collections.Immutable;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// Who reserves which paths, such that whoever reserves some of the same is found without a look at the others. Patterns stand in a tree by the literal segments that they begin with, those of a place
/// by how they end, and all of them by that once more. The ordinary question goes one way down the tree. One whose wildcards come early looks at what is below it there, or at what
/// ends as it does, whichever is less. Whoever comes into question is compared exactly. Immutable: adding and removing copy the way to the place.
/// </summary>
/// <typeparam name="T">Who reserves: compared by value.</typeparam>
internal sealed class PathIndex<T>
    where T : notnull, IEquatable<T>
{
    // Fewer than these are looked at sooner than it is found out which way is shorter.
    private const int Few = 32;

    private readonly PathIndexNode<T> _root;
    private readonly PathEndings<T> _byEnding;

    private PathIndex(PathIndexNode<T> root, PathEndings<T> byEnding)
    {
        _root = root;
        _byEnding = byEnding;
    }

    public static PathIndex<T> Empty { get; } = new(PathIndexNode<T>.Empty, PathEndings<T>.Empty);

    public bool IsEmpty => _root.Count == 0;

    /// <summary>The index with these patterns of the owner too; those it has are not added again.</summary>
    public PathIndex<T> Add(T owner, ImmutableArray<PathPattern> patterns)
    {
        var (root, byEnding) = (_root, _byEnding);
        foreach (var pattern in patterns)
        {
            var reservation = new PathReservation<T>(owner, pattern);
            (root, byEnding) = (root.With(reservation, depth: 0), byEnding.With(reservation));
        }

        return ReferenceEquals(root, _root) ? this : new PathIndex<T>(root, byEnding);
    }

    /// <summary>The index without these patterns of the owner.</summary>
    public PathIndex<T> Remove(T owner, ImmutableArray<PathPattern> patterns)
    {
        var (root, byEnding) = (_root, _byEnding);
        foreach (var pattern in patterns)
        {
            var reservation = new PathReservation<T>(owner, pattern);
            (root, byEnding) = (root.Without(reservation, depth: 0), byEnding.Without(reservation));
        }

        return ReferenceEquals(root, _root) ? this : root.Count == 0 ? Empty : new PathIndex<T>(root, byEnding);
    }

    /// <summary>Whoever reserves a path that one of the patterns matches too, once for each pair of patterns, found as they are asked for: who needs one takes the first.</summary>
    /// <param name="patterns">The patterns.</param>
    /// <param name="compares">Asked before an owner's pattern is compared with one of these, for what that costs; false leaves it out. Null compares all.</param>
    public IEnumerable<T> Overlapping(ImmutableArray<PathPattern> patterns, Func<T, PathPattern, PathPattern, bool>? compares = null) =>
        IsEmpty ? [] : patterns.SelectMany(pattern => Overlapping(pattern, compares));

    /// <summary>Whoever reserves a path that the pattern matches too, once for each pattern of its own.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="compares">As above.</param>
    public IEnumerable<T> Overlapping(PathPattern pattern, Func<T, PathPattern, PathPattern, bool>? compares = null)
    {
        var onTheWay = new List<PathIndexNode<T>>(pattern.Segments.Length + 1) { _root };
        foreach (var segment in pattern.Segments)
        {
            if (!segment.IsLiteral || !onTheWay[^1].Children.TryGetValue(segment.Text, out var child))
            {
                break;
            }

            onTheWay.Add(child);
        }

        // Where the way ends at a wildcard, whatever is below may be met. Where it ends at a segment that nobody has, nothing is.
        var depth = onTheWay.Count - 1;
        var last = onTheWay[depth];
        var goesOn = depth < pattern.Segments.Length && !pattern.Segments[depth].IsLiteral;
        if (goesOn && last.ReachOf(pattern.Segments[depth]) is > Few and var reach && _byEnding.CountLike(pattern) < reach)
        {
            return Owners(_byEnding.Like(pattern), pattern, compares);
        }

        var candidates = onTheWay.SelectMany(node => node.Wild.Like(pattern));
        return Owners(goesOn ? candidates.Concat(last.Below(pattern, depth)) : depth == pattern.Segments.Length ? candidates.Concat(last.Literal) : candidates, pattern, compares);
    }

    private static IEnumerable<T> Owners(IEnumerable<PathReservation<T>> candidates, PathPattern pattern, Func<T, PathPattern, PathPattern, bool>? compares)
    {
        foreach (var candidate in candidates)
        {
            if (compares?.Invoke(candidate.Owner, candidate.Pattern, pattern) != false && candidate.Pattern.Overlaps(pattern))
            {
                yield return candidate.Owner;
            }
        }
    }
}
