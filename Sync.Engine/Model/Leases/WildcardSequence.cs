namespace Sync.Engine.Model.Leases;

/// <summary>How the elements of a sequence with wildcards relate: characters of a segment, or segments of a path.</summary>
/// <typeparam name="T">An element.</typeparam>
internal interface IWildcardElements<in T>
{
    /// <summary>Whether the element stands for any number of elements.</summary>
    static abstract bool IsRun(T element);

    /// <summary>Whether one thing is matched by both, neither of which is a run.</summary>
    static abstract bool Meet(T one, T other);
}

/// <summary>
/// Whether two sequences with wildcards match a common text, decided exactly and in at most as many comparisons as the product of their lengths. Each element that is no run stands for exactly one thing,
/// whatever stands for the others, so that three cases are all there is:
/// <list type="bullet">
/// <item>Neither has a run: element by element.</item>
/// <item>Both have one: their beginnings and their ends must agree as far as the shorter reaches. What is between can be joined, the one's and then the other's: each absorbs the other's in a run.</item>
/// <item>One has: the other is a text of fixed length, in which each part between two runs is best placed as far left as it fits.</item>
/// </list>
/// </summary>
internal static class WildcardSequence<T, TElements>
    where TElements : IWildcardElements<T>
{
    public static bool Overlap(ReadOnlySpan<T> one, ReadOnlySpan<T> other)
    {
        var (first, second) = (FirstRun(one), FirstRun(other));
        if (first < 0 && second < 0)
        {
            return one.Length == other.Length && Meet(one, other);
        }

        if (first >= 0 && second >= 0)
        {
            var head = Math.Min(first, second);
            var tail = Math.Min(one.Length - LastRun(one), other.Length - LastRun(other)) - 1;
            return Meet(one[..head], other[..head]) && Meet(one[^tail..], other[^tail..]);
        }

        return first >= 0 ? Matches(one, first, other) : Matches(other, second, one);
    }

    private static bool Matches(ReadOnlySpan<T> pattern, int firstRun, ReadOnlySpan<T> text)
    {
        var lastRun = LastRun(pattern);
        var tail = pattern.Length - lastRun - 1;
        if (text.Length < firstRun + tail || !Meet(pattern[..firstRun], text[..firstRun]) || !Meet(pattern[(lastRun + 1)..], text[^tail..]))
        {
            return false;
        }

        var rest = text[firstRun..^tail];
        for (var at = firstRun; at < lastRun;)
        {
            at++; // Past the run.
            var part = pattern[at..(at + FirstRun(pattern[at..]))];
            var place = 0;
            while (place + part.Length <= rest.Length && !Meet(part, rest.Slice(place, part.Length)))
            {
                place++;
            }

            if (place + part.Length > rest.Length)
            {
                return false;
            }

            rest = rest[(place + part.Length)..];
            at += part.Length;
        }

        return true;
    }

    private static bool Meet(ReadOnlySpan<T> one, ReadOnlySpan<T> other)
    {
        for (var i = 0; i < one.Length; i++)
        {
            if (!TElements.Meet(one[i], other[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static int FirstRun(ReadOnlySpan<T> sequence)
    {
        for (var i = 0; i < sequence.Length; i++)
        {
            if (TElements.IsRun(sequence[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static int LastRun(ReadOnlySpan<T> sequence)
    {
        for (var i = sequence.Length - 1; i >= 0; i--)
        {
            if (TElements.IsRun(sequence[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
