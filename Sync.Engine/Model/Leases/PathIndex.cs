using System.Collections.Immutable;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// Who reserves which paths, such that who reserves some of the same is found without a look at the others: a tree of the literal segments that patterns begin with. A pattern stands where its first wildcard
/// is, or where it ends; those that stand on the way of the one that is sought, and those below it that its wildcards reach, are compared exactly, and no others. Patterns that begin with a wildcard stand at the root, by their
/// last segment where that is literal. Immutable: adding and removing copy the way to the place.
/// </summary>
/// <typeparam name="T">Who reserves: compared by value.</typeparam>
internal sealed class PathIndex<T>
    where T : notnull, IEquatable<T>
{
    private readonly PathIndexNode<T> _root;

    private PathIndex(PathIndexNode<T> root) => _root = root;

    public static PathIndex<T> Empty { get; } = new(PathIndexNode<T>.Empty);

    public bool IsEmpty => _root.IsEmpty;

    /// <summary>The index with these patterns of the owner too; those it has are not added again.</summary>
    public PathIndex<T> Add(T owner, ImmutableArray<PathPattern> patterns)
    {
        var root = _root;
        foreach (var pattern in patterns)
        {
            root = root.With(new PathReservation<T>(owner, pattern), depth: 0);
        }

        return ReferenceEquals(root, _root) ? this : new PathIndex<T>(root);
    }

    /// <summary>The index without these patterns of the owner.</summary>
    public PathIndex<T> Remove(T owner, ImmutableArray<PathPattern> patterns)
    {
        var root = _root;
        foreach (var pattern in patterns)
        {
            root = root.Without(new PathReservation<T>(owner, pattern), depth: 0);
        }

        return ReferenceEquals(root, _root) ? this : root.IsEmpty ? Empty : new PathIndex<T>(root);
    }

    /// <summary>Whoever reserves a path that one of the patterns matches too, once for each pair of patterns, found as they are asked for: who needs one takes the first.</summary>
    public IEnumerable<T> Overlapping(ImmutableArray<PathPattern> patterns) => IsEmpty ? [] : patterns.SelectMany(Overlapping);

    /// <summary>Whoever reserves a path that the pattern matches too, once for each pattern of its own.</summary>
    public IEnumerable<T> Overlapping(PathPattern pattern)
    {
        Stack<(PathIndexNode<T> Node, ulong Places)>? open = null;
        var places = PathPlaces.First(pattern);
        var next = _root;
        while (true)
        {
            foreach (var reservation in next.Wild(pattern))
            {
                if (reservation.Pattern.Overlaps(pattern))
                {
                    yield return reservation.Owner;
                }
            }

            if (PathPlaces.HasEnd(pattern, places))
            {
                foreach (var reservation in next.Literal)
                {
                    yield return reservation.Owner;
                }
            }

            if (PathPlaces.OnlyLiteral(pattern, places) is { } segment)
            {
                // The ordinary case: one way down.
                if (next.Children.TryGetValue(segment.Text, out var child))
                {
                    (next, places) = (child, PathPlaces.After(pattern, places, segment));
                    continue;
                }
            }
            else if (PathPlaces.GoOn(pattern, places))
            {
                foreach (var child in next.Children.Values)
                {
                    if (PathPlaces.After(pattern, places, child.Segment!) is not 0 and var after) // Only the root has none.
                    {
                        (open ??= new()).Push((child, after));
                    }
                }
            }

            if (open is null || !open.TryPop(out var popped))
            {
                yield break;
            }

            (next, places) = popped;
        }
    }
}
