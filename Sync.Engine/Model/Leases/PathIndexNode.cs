using System.Collections.Immutable;

namespace Sync.Engine.Model.Leases;

/// <summary>A place in a <see cref="PathIndex{T}"/>: the literal segments from the root to it. Immutable.</summary>
internal sealed class PathIndexNode<T>
    where T : notnull, IEquatable<T>
{
    private static readonly ImmutableHashSet<PathReservation<T>> s_none = ImmutableHashSet<PathReservation<T>>.Empty;

    // Patterns whose next segment has a wildcard: by their last segment where that is literal, for those a pattern with another last segment never meets.
    private readonly ImmutableDictionary<string, ImmutableHashSet<PathReservation<T>>> _wildByLast;
    private readonly ImmutableHashSet<PathReservation<T>> _wild;

    private PathIndexNode(
        PathSegment? segment,
        ImmutableDictionary<string, PathIndexNode<T>> children,
        ImmutableHashSet<PathReservation<T>> literal,
        ImmutableDictionary<string, ImmutableHashSet<PathReservation<T>>> wildByLast,
        ImmutableHashSet<PathReservation<T>> wild)
    {
        Segment = segment;
        Children = children;
        Literal = literal;
        _wildByLast = wildByLast;
        _wild = wild;
    }

    public static PathIndexNode<T> Empty { get; } = OfNothing(segment: null);

    /// <summary>The last literal segment; null at the root.</summary>
    public PathSegment? Segment { get; }

    /// <summary>By <see cref="PathSegment.Text"/>.</summary>
    public ImmutableDictionary<string, PathIndexNode<T>> Children { get; }

    /// <summary>Patterns without wildcards that end here.</summary>
    public ImmutableHashSet<PathReservation<T>> Literal { get; }

    public bool IsEmpty => Children.IsEmpty && Literal.IsEmpty && _wildByLast.IsEmpty && _wild.IsEmpty;

    /// <summary>Patterns whose first wildcard follows here and that may meet this one, by its last segment.</summary>
    public IEnumerable<PathReservation<T>> Wild(PathPattern pattern)
    {
        if (_wildByLast.IsEmpty)
        {
            return _wild;
        }

        var last = pattern.Segments[^1];
        return last.IsLiteral ? _wildByLast.GetValueOrDefault(last.Text, s_none).Concat(_wild) : _wildByLast.Values.SelectMany(static one => one).Concat(_wild);
    }

    public PathIndexNode<T> With(PathReservation<T> reservation, int depth)
    {
        var segments = reservation.Pattern.Segments;
        if (depth == segments.Length)
        {
            return Changed(Children, Literal.Add(reservation), _wildByLast, _wild);
        }

        var segment = segments[depth];
        if (segment.IsLiteral)
        {
            var child = Children.GetValueOrDefault(segment.Text) ?? OfNothing(segment);
            return Changed(Children.SetItem(segment.Text, child.With(reservation, depth + 1)), Literal, _wildByLast, _wild);
        }

        var last = segments[^1];
        return last.IsLiteral
            ? Changed(Children, Literal, _wildByLast.SetItem(last.Text, _wildByLast.GetValueOrDefault(last.Text, s_none).Add(reservation)), _wild)
            : Changed(Children, Literal, _wildByLast, _wild.Add(reservation));
    }

    public PathIndexNode<T> Without(PathReservation<T> reservation, int depth)
    {
        var segments = reservation.Pattern.Segments;
        if (depth == segments.Length)
        {
            return Changed(Children, Literal.Remove(reservation), _wildByLast, _wild);
        }

        var segment = segments[depth];
        if (segment.IsLiteral)
        {
            if (!Children.TryGetValue(segment.Text, out var child))
            {
                return this;
            }

            var rest = child.Without(reservation, depth + 1);
            return Changed(rest.IsEmpty ? Children.Remove(segment.Text) : Children.SetItem(segment.Text, rest), Literal, _wildByLast, _wild);
        }

        var last = segments[^1];
        if (!last.IsLiteral)
        {
            return Changed(Children, Literal, _wildByLast, _wild.Remove(reservation));
        }

        var others = _wildByLast.GetValueOrDefault(last.Text, s_none).Remove(reservation);
        return Changed(Children, Literal, others.IsEmpty ? _wildByLast.Remove(last.Text) : _wildByLast.SetItem(last.Text, others), _wild);
    }

    private static PathIndexNode<T> OfNothing(PathSegment? segment) => new(
        segment,
        ImmutableDictionary.Create<string, PathIndexNode<T>>(StringComparer.Ordinal),
        s_none,
        ImmutableDictionary.Create<string, ImmutableHashSet<PathReservation<T>>>(StringComparer.Ordinal),
        s_none);

    private PathIndexNode<T> Changed(
        ImmutableDictionary<string, PathIndexNode<T>> children,
        ImmutableHashSet<PathReservation<T>> literal,
        ImmutableDictionary<string, ImmutableHashSet<PathReservation<T>>> wildByLast,
        ImmutableHashSet<PathReservation<T>> wild) =>
        ReferenceEquals(children, Children) && ReferenceEquals(literal, Literal) && ReferenceEquals(wildByLast, _wildByLast) && ReferenceEquals(wild, _wild)
            ? this
            : new(Segment, children, literal, wildByLast, wild);
}
