using System.Globalization;
using System.Text;

namespace Sync.Cel;

/// <content>Classes as patterns of .NET, where a code point outside the BMP is two characters.</content>
internal sealed partial class Re2Class
{
    public const string AnyRune = @"(?:[^\uD800-\uDFFF]|[\uD800-\uDBFF][\uDC00-\uDFFF])";
    public const string AnyButNewline = @"(?:[^\n\uD800-\uDFFF]|[\uD800-\uDBFF][\uDC00-\uDFFF])";

    /// <summary>One character as a pattern that a quantifier can follow.</summary>
    public static string Literal(int rune) => rune switch
    {
        > 0xFFFF => $"(?:{Hex(char.ConvertFromUtf32(rune)[0])}{Hex(char.ConvertFromUtf32(rune)[1])})",
        _ when rune < 0x80 && char.IsAsciiLetterOrDigit((char)rune) => ((char)rune).ToString(),
        _ => Hex((char)rune),
    };

    public string ToPattern()
    {
        _ranges.Sort();
        var bmp = new StringBuilder();
        var astral = new List<(int From, int To)>();
        foreach (var (from, to) in _ranges)
        {
            if (from <= 0xFFFF)
            {
                bmp.Append(Hex((char)from)).Append('-').Append(Hex((char)Math.Min(to, 0xFFFF)));
            }

            if (to > 0xFFFF)
            {
                astral.Add((Math.Max(from, 0x10000), to));
            }
        }

        bmp.Append(_categories);
        var alternatives = new List<string>();
        if (_isNegated)
        {
            alternatives.Add($@"[^{bmp}\uD800-\uDFFF]");
            astral = Complement(astral);
        }
        else if (bmp.Length > 0)
        {
            alternatives.Add($"[{bmp}]");
        }

        foreach (var (from, to) in astral)
        {
            AddPairs(alternatives, from, to);
        }

        // An empty class matches nothing.
        return alternatives.Count switch
        {
            0 => @"[^\s\S]",
            1 => $"(?:{alternatives[0]})",
            _ => $"(?:{string.Join('|', alternatives)})",
        };
    }

    private static string Hex(char c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");

    private static List<(int From, int To)> Complement(List<(int From, int To)> ranges)
    {
        var rest = new List<(int From, int To)>();
        var next = 0x10000;
        foreach (var (from, to) in ranges)
        {
            if (from > next)
            {
                rest.Add((next, from - 1));
            }

            next = Math.Max(next, to + 1);
        }

        if (next <= LastRune)
        {
            rest.Add((next, LastRune));
        }

        return rest;
    }

    private static void AddPairs(List<string> alternatives, int from, int to)
    {
        var (first, last) = (char.ConvertFromUtf32(from), char.ConvertFromUtf32(to));
        if (first[0] == last[0])
        {
            alternatives.Add($"{Hex(first[0])}[{Hex(first[1])}-{Hex(last[1])}]");
            return;
        }

        alternatives.Add($@"{Hex(first[0])}[{Hex(first[1])}-\uDFFF]");
        if (last[0] - first[0] > 1)
        {
            alternatives.Add($@"[{Hex((char)(first[0] + 1))}-{Hex((char)(last[0] - 1))}][\uDC00-\uDFFF]");
        }

        alternatives.Add($@"{Hex(last[0])}[\uDC00-{Hex(last[1])}]");
    }
}
