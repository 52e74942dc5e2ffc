using System.Collections.Frozen;
using System.Globalization;

namespace Sync.Cel.RegularExpressions;

/// <summary>What <c>\p{…}</c> names: general categories, from the runtime's tables, and scripts, which the runtime does not have.</summary>
internal static partial class UnicodeSets
{
    private static readonly FrozenDictionary<string, string> s_scripts = Scripts
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .ToFrozenDictionary(line => line[..line.IndexOf(' ')], line => line);

    // One pass over all code points, the first time that any category is asked for: some milliseconds once in a process.
    private static readonly Lazy<FrozenDictionary<string, RuneSet>> s_categories = new(ReadCategories);

    /// <summary>The set of that name, or null.</summary>
    public static RuneSet? Find(ReadOnlySpan<char> name) =>
        name is "Any" ? RuneSet.Any
        : s_categories.Value.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var category) ? category
        : s_scripts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var line) ? ReadScript(line)
        : null;

    public static IEnumerable<string> ScriptNames => s_scripts.Keys;

    private static RuneSet ReadScript(string line)
    {
        // The name, then the gap before each range and its length.
        var ranges = new List<(int, int)>();
        var numbers = line[(line.IndexOf(' ') + 1)..].Split(' ');
        var next = 0;
        for (var i = 0; i < numbers.Length; i += 2)
        {
            var first = next + CaseFolding.FromBase36(numbers[i]);
            next = first + CaseFolding.FromBase36(numbers[i + 1]);
            ranges.Add((first, next - 1));
        }

        return RuneSet.Of(ranges);
    }

    private static FrozenDictionary<string, RuneSet> ReadCategories()
    {
        // Unassigned code points belong to no category of RE2, not even to C.
        string?[] names =
            ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
            "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", null];
        var ranges = new Dictionary<string, List<(int, int)>>();
        var (start, last) = (0, CharUnicodeInfo.GetUnicodeCategory(0));
        for (var rune = 1; rune <= RuneSet.LastRune + 1; rune++)
        {
            var category = rune <= RuneSet.LastRune ? CharUnicodeInfo.GetUnicodeCategory(rune) : (UnicodeCategory)(-1);
            if (category == last)
            {
                continue;
            }

            if (names[(int)last] is { } name)
            {
                Add(name, (start, rune - 1));
                Add(name[..1], (start, rune - 1));
            }

            (start, last) = (rune, category);
        }

        return ranges.ToFrozenDictionary(pair => pair.Key, pair => RuneSet.Of(pair.Value));

        void Add(string name, (int, int) range)
        {
            if (!ranges.TryGetValue(name, out var list))
            {
                ranges[name] = list = [];
            }

            list.Add(range);
        }
    }
}
