namespace Sync.Cel.RegularExpressions;

/// <summary>An immutable set of code points: sorted ranges that neither touch nor overlap, as pairs of first and last.</summary>
internal sealed class RuneSet
{
    public const int LastRune = 0x10FFFF;

    private readonly int[] _bounds;

    private RuneSet(int[] bounds) => _bounds = bounds;

    public static RuneSet Empty { get; } = new([]);

    public static RuneSet Any { get; } = new([0, LastRune]);

    public static RuneSet AnyButNewline { get; } = new([0, '\n' - 1, '\n' + 1, LastRune]);

    public static RuneSet Word { get; } = new(['0', '9', 'A', 'Z', '_', '_', 'a', 'z']);

    /// <summary>First and last of each range, in turn.</summary>
    public ReadOnlySpan<int> Bounds => _bounds;

    public int RangeCount => _bounds.Length / 2;

    /// <summary>The union of <paramref name="bounds"/>, which come in any order and may overlap; the list is sorted in place.</summary>
    public static RuneSet Of(List<(int From, int To)> bounds)
    {
        bounds.Sort();
        var merged = new List<int>(bounds.Count * 2);
        foreach (var (from, to) in bounds)
        {
            if (merged.Count > 0 && from <= merged[^1] + 1)
            {
                merged[^1] = Math.Max(merged[^1], to);
            }
            else
            {
                merged.Add(from);
                merged.Add(to);
            }
        }

        return merged.Count == 0 ? Empty : new RuneSet([.. merged]);
    }

    public RuneSet Negate()
    {
        var rest = new List<int>(_bounds.Length + 2);
        var next = 0;
        for (var i = 0; i < _bounds.Length; i += 2)
        {
            if (_bounds[i] > next)
            {
                rest.Add(next);
                rest.Add(_bounds[i] - 1);
            }

            next = _bounds[i + 1] + 1;
        }

        if (next <= LastRune)
        {
            rest.Add(next);
            rest.Add(LastRune);
        }

        return new RuneSet([.. rest]);
    }

    public bool Contains(int rune)
    {
        var (low, high) = (0, RangeCount - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (rune < _bounds[middle * 2])
            {
                high = middle - 1;
            }
            else if (rune > _bounds[middle * 2 + 1])
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
