namespace Sync.Cel.Syntax;

/// <summary>Finds the known name nearest to a mistyped one.</summary>
public static class DidYouMean
{
    /// <summary>
    /// The candidate nearest to <paramref name="name"/>, or null when none is near: equal but for case, a transposition, one edit in a short name, up to a third of its
    /// length in a longer one where both begin or end alike, or a prefix of at least three characters. A letter is no slip for another: <c>x</c> is not <c>y</c>.
    /// </summary>
    public static string? Nearest(string name, IEnumerable<string> candidates) => Nearest(name, candidates, Math.Min(name.Length / 3 + 1, 4));

    /// <summary>The same, with a bound on the edits.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates, int maxEdits)
    {
        string? best = null;
        var bestDistance = int.MaxValue;
        var limit = Math.Max(1, maxEdits);
        foreach (var candidate in candidates)
        {
            if (Math.Abs(candidate.Length - name.Length) > limit && !IsPrefix(name, candidate))
            {
                continue;
            }

            var distance = IsPrefix(name, candidate) ? 1 : Distance(name, candidate, limit);
            if (distance <= limit && distance < bestDistance && IsSlip(name, candidate, distance))
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    // What differs in more than one place, or has too few letters for one to be a slip, has a stem in common.
    private static bool IsSlip(string name, string candidate, int distance)
    {
        var left = name.AsSpan().Trim('_');
        var right = candidate.AsSpan().Trim('_');
        if (IsPrefix(name, candidate) || left.Equals(right, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var (shorter, longer) = (Math.Min(left.Length, right.Length), Math.Max(left.Length, right.Length));
        if (shorter < 2)
        {
            return false;
        }

        var (start, end) = (0, 0);
        while (start < shorter && Same(left[start], right[start]))
        {
            start++;
        }

        while (end < shorter - start && Same(left[^(end + 1)], right[^(end + 1)]))
        {
            end++;
        }

        return longer == 2 ? Same(left[0], right[1]) && Same(left[1], right[0])
            : distance == 1 ? start + end > 0
            : start >= 3 || (start + end) * 2 >= longer;
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);

    private static bool IsPrefix(string name, string candidate) =>
        name.Length >= 3 && candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase);

    // Optimal string alignment: edits and adjacent transpositions, case folded. Names are short; the cap keeps hostile ones cheap.
    private static int Distance(string left, string right, int limit)
    {
        if (left.Length > 256 || right.Length > 256)
        {
            return int.MaxValue;
        }

        Span<int> beforePrevious = stackalloc int[right.Length + 1];
        Span<int> previous = stackalloc int[right.Length + 1];
        Span<int> current = stackalloc int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            var rowBest = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                var cost = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    cost = Math.Min(cost, beforePrevious[j - 2] + 1);
                }

                current[j] = cost;
                rowBest = Math.Min(rowBest, cost);
            }

            if (rowBest > limit)
            {
                return int.MaxValue;
            }

            var spare = beforePrevious;
            beforePrevious = previous;
            previous = current;
            current = spare;
        }

        return previous[right.Length];
    }
}
