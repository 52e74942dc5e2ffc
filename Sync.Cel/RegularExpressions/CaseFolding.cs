using System.Text;

namespace Sync.Cel.RegularExpressions;

/// <summary>
/// Unicode's simple case folding (CaseFolding.txt, statuses C and S) as orbits: the code points that differ by case alone, such as k, K and the
/// Kelvin sign. RE2 and Go fold so. .NET's conversions to upper and lower case are no replacement: they leave pairs out and depend on the ICU at hand.
/// </summary>
public static partial class CaseFolding
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

    /// <summary>The text with each character replaced by the first of those that differ from it by case alone: two texts are equal without case where these are equal.</summary>
    public static string Fold(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\x7f'))
        {
            return text.ToUpperInvariant(); // Capitals come first in each orbit of ASCII letters.
        }

        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var index = Array.BinarySearch(s_cased, rune.Value);
            folded.Append(index < 0 ? rune.ToString() : new Rune(s_orbits[index][0]).ToString());
        }

        return folded.ToString();
    }

    /// <summary>The indices, for <see cref="Orbit"/>, of the code points within the range that have another case.</summary>
    internal static (int First, int End) Cased(int from, int to)
    {
        var first = Array.BinarySearch(s_cased, from);
        var end = Array.BinarySearch(s_cased, to);
        return (first < 0 ? ~first : first, end < 0 ? ~end : end + 1);
    }

    /// <summary>All that differ by case alone from the code point of that index, itself included.</summary>
    internal static ReadOnlySpan<int> Orbit(int index) => s_orbits[index];

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
