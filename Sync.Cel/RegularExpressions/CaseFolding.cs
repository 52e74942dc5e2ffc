namespace Sync.Cel.RegularExpressions;

/// <summary>
/// Unicode's simple case folding (CaseFolding.txt, statuses C and S) as orbits: the code points that differ by case alone, such as k, K and the
/// Kelvin sign. RE2 and Go fold so. .NET's conversions to upper and lower case are no replacement: they leave pairs out and depend on the ICU at hand.
/// </summary>
internal static partial class CaseFolding
{
    private static readonly int[] s_cased;
    private static readonly int[][] s_orbits;

    static CaseFolding()
    {
        // Runs of four numbers in base 36: distance from the run before, length, stride, and what is subtracted to get the orbit's first member.
        var orbits = new SortedDictionary<int, SortedSet<int>>();
        var fields = Runs.Split(' ').Select(field => FromBase36(field)).ToArray();
        var rune = 0;
        for (var i = 0; i < fields.Length; i += 4)
        {
            rune += fields[i];
            for (var n = 0; n < fields[i + 1]; n++)
            {
                var member = rune + n * fields[i + 2];
                var first = member - fields[i + 3];
                if (!orbits.TryGetValue(first, out var orbit))
                {
                    orbits[first] = orbit = [first];
                }

                orbit.Add(member);
                orbits[member] = orbit;
            }
        }

        s_cased = [.. orbits.Keys];
        s_orbits = [.. orbits.Values.Select(orbit => orbit.ToArray())];
    }

    /// <summary>The indices, for <see cref="Orbit"/>, of the code points within the range that have another case.</summary>
    public static (int First, int End) Cased(int from, int to)
    {
        var first = Array.BinarySearch(s_cased, from);
        var end = Array.BinarySearch(s_cased, to);
        return (first < 0 ? ~first : first, end < 0 ? ~end : end + 1);
    }

    /// <summary>All that differ by case alone from the code point of that index, itself included.</summary>
    public static ReadOnlySpan<int> Orbit(int index) => s_orbits[index];

    internal static int FromBase36(ReadOnlySpan<char> digits)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            value = value * 36 + (char.IsAsciiDigit(digit) ? digit - '0' : digit - 'a' + 10);
        }

        return value;
    }
}
