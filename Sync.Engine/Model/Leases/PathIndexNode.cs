using System.Collections.Immutable;

namespace Sync.Engine.Model.Leases;

/// <summary>A place in a <see cref="PathIndex{T}"/>: the literal segments from the root to it. Immutable.</summary>
internal sealed class PathIndexNode<T>
    where T : notnull, IEquatable<T>
{
    private readonly PathSegment? _segment;

    private PathIndexNode(PathSegment? segment, ImmutableDictionary<string, PathIndexNode<T>> children, ImmutableHashSet<PathReservation<T>> literal, PathEndings<T> wild, int count)
    {
        _segment = segment;
        Children = children;
        Literal = literal;
        Wild = wild;
        Count = count;
    }

    public static PathIndexNode<T> Empty { get; } = OfNothing(segment: null);

    /// <summary>By their segments as these are compared.</summary>
    public ImmutableDictionary<string, PathIndexNode<T>> Children { get; }

    /// <summary>Patterns without wildcards that end here.</summary>
    public ImmutableHashSet<PathReservation<T>> Literal { get; }

    /// <summary>Patterns whose next segment has a wildcard.</summary>
    public PathEndings<T> Wild { get; }

    /// <summary>Patterns here and below.</summary>
    public int Count { get; }

    /// <summary>How many are looked at below for a pattern that goes on with this segment: all for a run; otherwise the children, and what is below those that it matches, which nobody has counted.</summary>
    public int ReachOf(PathSegment segment) => segment.IsRun ? Count - Wild.Count : Children.Count;

    /// <summary>
    /// Whatever a pattern may meet here and below besides <see cref="Wild"/>. Up to its first run, its segments say which children come into question.
    /// </summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="depth">How many of its segments lead here; what follows is no literal one.</param>
    public IEnumerable<PathReservation<T>> Below(PathPattern pattern, int depth)
    {
        var open = new Stack<(PathIndexNode<T> Node, int Depth)>([(this, depth)]);
        while (open.TryPop(out var at))
        {
            foreach (var reservation in at.Node == this ? at.Node.Literal : at.Node.Literal.Concat(at.Node.Wild.All))
            {
                yield return reservation;
            }

            var next = at.Depth < pattern.Segments.Length ? pattern.Segments[at.Depth] : null;
            if (next is null or { IsLiteral: true })
            {
                if (next is not null && at.Node.Children.TryGetValue(next.Text, out var only))
                {
                    open.Push((only, at.Depth + 1));
                }

                continue;
            }

            foreach (var child in at.Node.Children.Values)
            {
                // A run goes on however deep it is.
                if (next.IsRun || next.Meets(child._segment!)) // Only the root has none.
                {
                    open.Push((child, next.IsRun ? at.Depth : at.Depth + 1));
                }
            }
        }
    }

    public PathIndexNode<T> With(PathReservation<T> reservation, int depth)
    {
        var segments = reservation.Pattern.Segments;
        if (depth == segments.Length)
        {
            return Changed(Children, Literal.Add(reservation), Wild, 1);
        }

        var segment = segments[depth];
        if (!segment.IsLiteral)
        {
            return Changed(Children, Literal, Wild.With(reservation), 1);
        }

        var child = Children.GetValueOrDefault(segment.Text) ?? OfNothing(segment);
        return Changed(Children.SetItem(segment.Text, child.With(reservation, depth + 1)), Literal, Wild, 1);
    }

    public PathIndexNode<T> Without(PathReservation<T> reservation, int depth)
    {
        var segments = reservation.Pattern.Segments;
        if (depth == segments.Length)
        {
            return Changed(Children, Literal.Remove(reservation), Wild, -1);
        }

        var segment = segments[depth];
        if (!segment.IsLiteral)
        {
            return Changed(Children, Literal, Wild.Without(reservation), -1);
        }

        if (!Children.TryGetValue(segment.Text, out var child))
        {
            return this;
        }

        var rest = child.Without(reservation, depth + 1);
        return Changed(rest.Count == 0 ? Children.Remove(segment.Text) : Children.SetItem(segment.Text, rest), Literal, Wild, -1);
    }

    private static PathIndexNode<T> OfNothing(PathSegment? segment) => new(segment, ImmutableDictionary.Create<string, PathIndexNode<T>>(StringComparer.Ordinal), [], PathEndings<T>.Empty, count: 0);

    // One pattern more or less, unless nothing is another.
    private PathIndexNode<T> Changed(ImmutableDictionary<string, PathIndexNode<T>> children, ImmutableHashSet<PathReservation<T>> literal, PathEndings<T> wild, int more) =>
        ReferenceEquals(children, Children) && ReferenceEquals(literal, Literal) && ReferenceEquals(wild, Wild) ? this : new(_segment, children, literal, wild, Count + more);
}
