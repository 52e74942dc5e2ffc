using System.Collections.Immutable;

namespace Sync.Engine.Model.Leases;

/// <summary>Reservations by the literal end of their last segment. Two patterns meet only where one of them ends as the other does. Immutable.</summary>
internal sealed class PathEndings<T>
    where T : notnull, IEquatable<T>
{
    // So many ends are looked through sooner than each beginning of the one that is sought is looked up.
    private const int Few = 16;

    private readonly ImmutableSortedSet<string> _endings;
    private readonly ImmutableDictionary<string, ImmutableHashSet<PathReservation<T>>> _byEnding;

    private PathEndings(ImmutableSortedSet<string> endings, ImmutableDictionary<string, ImmutableHashSet<PathReservation<T>>> byEnding, int count)
    {
        _endings = endings;
        _byEnding = byEnding;
        Count = count;
    }

    public static PathEndings<T> Empty { get; } = new(
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ImmutableHashSet<PathReservation<T>>>(StringComparer.Ordinal),
        count: 0);

    public int Count { get; }

    /// <summary>All of them.</summary>
    public IEnumerable<PathReservation<T>> All => _byEnding.Values.SelectMany(static one => one);

    /// <summary>Those that may meet a pattern.</summary>
    public IEnumerable<PathReservation<T>> Like(PathPattern pattern) => Count == 0 ? [] : Groups(pattern.Ending).SelectMany(static one => one);

    /// <summary>About how many these are: found out in no time, and too few where many reservations end in the same longer way.</summary>
    public int CountLike(PathPattern pattern)
    {
        var ending = pattern.Ending;
        var count = ending.Length == 0 ? Count : Shorter(ending).Sum(static group => group.Count);
        return ending.Length == 0 || ending[^1] == char.MaxValue ? count : count + Place(ending[..^1] + (char)(ending[^1] + 1)) - Place(ending);
    }

    public PathEndings<T> With(PathReservation<T> reservation)
    {
        var ending = reservation.Pattern.Ending;
        var before = _byEnding.GetValueOrDefault(ending, []);
        var after = before.Add(reservation);
        return ReferenceEquals(after, before) ? this : new PathEndings<T>(_endings.Add(ending), _byEnding.SetItem(ending, after), Count + 1);
    }

    public PathEndings<T> Without(PathReservation<T> reservation)
    {
        var ending = reservation.Pattern.Ending;
        var before = _byEnding.GetValueOrDefault(ending, []);
        var after = before.Remove(reservation);
        return ReferenceEquals(after, before) ? this
            : Count == 1 ? Empty
            : after.IsEmpty ? new PathEndings<T>(_endings.Remove(ending), _byEnding.Remove(ending), Count - 1)
            : new PathEndings<T>(_endings, _byEnding.SetItem(ending, after), Count - 1);
    }

    private IEnumerable<ImmutableHashSet<PathReservation<T>>> Groups(string ending)
    {
        if (ending.Length == 0)
        {
            return _byEnding.Values;
        }

        return _endings.Count <= Few
            ? _byEnding.Where(group => group.Key.StartsWith(ending, StringComparison.Ordinal) || ending.StartsWith(group.Key, StringComparison.Ordinal)).Select(static group => group.Value)
            : Shorter(ending).Concat(Longer(ending));
    }

    // Ends are kept from their last character: those which this one ends with, itself among them, are its beginnings.
    private IEnumerable<ImmutableHashSet<PathReservation<T>>> Shorter(string ending)
    {
        for (var length = 0; length <= ending.Length; length++)
        {
            if (_byEnding.TryGetValue(ending[..length], out var group))
            {
                yield return group;
            }
        }
    }

    private IEnumerable<ImmutableHashSet<PathReservation<T>>> Longer(string ending)
    {
        for (var at = Place(ending) + (_byEnding.ContainsKey(ending) ? 1 : 0); at < _endings.Count && _endings[at].StartsWith(ending, StringComparison.Ordinal); at++)
        {
            yield return _byEnding[_endings[at]];
        }
    }

    // Where an end stands, or would.
    private int Place(string ending) => _endings.IndexOf(ending) is var at && at < 0 ? ~at : at;
}
