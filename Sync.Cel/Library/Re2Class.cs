using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Sync.Cel;

/// <summary>A character class of RE2: ranges of code points and Unicode categories.</summary>
internal sealed partial class Re2Class
{
    private const int LastRune = 0x10FFFF;

    private static readonly FrozenSet<string> s_categories = FrozenSet.ToFrozenSet(
        ("C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs").Split(' '));

    private static readonly FrozenDictionary<string, string> s_posix = new Dictionary<string, string>
    {
        ["alnum"] = "09AZaz",
        ["alpha"] = "AZaz",
        ["ascii"] = "\0\x7f",
        ["blank"] = "\t\t  ",
        ["cntrl"] = "\0\x1f\x7f\x7f",
        ["digit"] = "09",
        ["graph"] = "!~",
        ["lower"] = "az",
        ["print"] = " ~",
        ["punct"] = "!/:@[`{~",
        ["space"] = "\t\r  ",
        ["upper"] = "AZ",
        ["word"] = "09AZaz__",
        ["xdigit"] = "09AFaf",
    }.ToFrozenDictionary();

    private readonly List<(int From, int To)> _ranges = [];
    private readonly StringBuilder _categories = new();
    private bool _isNegated;

    /// <summary>Reads a class whose <c>[</c> is at <paramref name="at"/>; null and why when it is not one.</summary>
    public static Re2Class? Parse(string pattern, ref int at, out string why)
    {
        var set = new Re2Class();
        at++;
        if (at < pattern.Length && pattern[at] == '^')
        {
            set._isNegated = true;
            at++;
        }

        for (var isFirst = true; at < pattern.Length; isFirst = false)
        {
            if (pattern[at] == ']' && !isFirst)
            {
                at++;
                why = "";
                return set;
            }

            if (pattern.AsSpan(at).StartsWith("[:"))
            {
                if (!set.TryPosix(pattern, ref at))
                {
                    why = "a class such as [:alpha:] is unknown";
                    return null;
                }

                continue;
            }

            if (!set.TryRange(pattern, ref at, out why))
            {
                return null;
            }
        }

        why = "a `]` is missing";
        return null;
    }

    /// <summary>Reads an escape; a single character comes back as <paramref name="literal"/>, a set is added and leaves it -1.</summary>
    public bool TryEscape(string pattern, ref int at, out int literal, out string why)
    {
        (literal, why) = (-1, "a backslash escapes nothing");
        if (at + 1 >= pattern.Length)
        {
            return false;
        }

        var c = pattern[at + 1];
        at += 2;
        switch (c)
        {
            case 'd' or 'D':
                Add("09", c == 'D');
                return true;
            case 'w' or 'W':
                Add("09AZ__az", c == 'W');
                return true;
            case 's' or 'S':
                Add("\t\n\f\r  ", c == 'S');
                return true;
            case 'p' or 'P':
                return TryCategory(pattern, ref at, c == 'P', out why);
            case 'x':
                why = "\\x takes two hex digits, or {…}";
                return TryHex(pattern, ref at, out literal);
            case 'a':
                literal = 7;
                return true;
            case 'f':
                literal = 12;
                return true;
            case 't':
                literal = 9;
                return true;
            case 'n':
                literal = 10;
                return true;
            case 'r':
                literal = 13;
                return true;
            case 'v':
                literal = 11;
                return true;
            case '0' or (>= '1' and <= '7') when c == '0' || (at < pattern.Length && pattern[at] is >= '0' and <= '7'):
                literal = c - '0';
                for (var digits = 1; digits < 3 && at < pattern.Length && pattern[at] is >= '0' and <= '7'; digits++)
                {
                    literal = literal * 8 + (pattern[at++] - '0');
                }

                return true;
            case >= '1' and <= '9':
                why = "back-references are not part of RE2";
                return false;
            default:
                why = $"`\\{c}` is not an escape of RE2";
                literal = c;
                return c < 0x80 && !char.IsAsciiLetterOrDigit(c);
        }
    }

    private static bool TryHex(string pattern, ref int at, out int rune)
    {
        rune = -1;
        var braced = at < pattern.Length && pattern[at] == '{';
        var start = braced ? at + 1 : at;
        var end = braced ? pattern.IndexOf('}', at) : at + 2;
        if (end < start || end > pattern.Length || end - start is 0 or > 6
            || !int.TryParse(pattern.AsSpan(start, end - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out rune)
            || !Rune.IsValid(rune))
        {
            return false;
        }

        at = braced ? end + 1 : end;
        return true;
    }

    // Ranges as pairs of characters, "09az"; negated ones as what lies between them.
    private void Add(string pairs, bool negated)
    {
        var next = 0;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (!negated)
            {
                _ranges.Add((pairs[i], pairs[i + 1]));
            }
            else if (pairs[i] > next)
            {
                _ranges.Add((next, pairs[i] - 1));
            }

            next = pairs[i + 1] + 1;
        }

        if (negated)
        {
            _ranges.Add((next, 0xD7FF));
            _ranges.Add((0xE000, LastRune));
        }
    }

    private bool TryPosix(string pattern, ref int at)
    {
        var end = pattern.IndexOf(":]", at, StringComparison.Ordinal);
        var name = end < 0 ? "" : pattern[(at + 2)..end];
        var negated = name.StartsWith('^');
        if (!s_posix.TryGetValue(negated ? name[1..] : name, out var pairs))
        {
            return false;
        }

        Add(pairs, negated);
        at = end + 2;
        return true;
    }

    private bool TryCategory(string pattern, ref int at, bool negated, out string why)
    {
        why = "a Unicode class is \\pL or \\p{Lu}";
        var end = at < pattern.Length && pattern[at] == '{' ? pattern.IndexOf('}', at) : at + 1;
        if (at >= pattern.Length || end < 0 || end > pattern.Length)
        {
            return false;
        }

        var name = pattern[at] == '{' ? pattern[(at + 1)..end] : pattern[at..end];
        at = pattern[at] == '{' ? end + 1 : end;
        if (name.StartsWith('^'))
        {
            (name, negated) = (name[1..], !negated);
        }

        if (name == "Any")
        {
            Add("", !negated);
            return true;
        }

        if (!s_categories.Contains(name))
        {
            why = $"the Unicode class `{name}` is not supported (categories such as L, Lu, N are; for a script write its range, as in [\\x{{370}}-\\x{{3FF}}])";
            return false;
        }

        _categories.Append(negated ? "\\P{" : "\\p{").Append(name).Append('}');
        return true;
    }

    private bool TryRange(string pattern, ref int at, out string why)
    {
        if (!TryRune(pattern, ref at, out var from, out why) || from < 0)
        {
            return why.Length == 0;
        }

        var to = from;
        if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
        {
            at++;
            if (!TryRune(pattern, ref at, out to, out why))
            {
                return false;
            }

            if (to < from)
            {
                why = "a range runs backwards";
                return false;
            }
        }

        _ranges.Add((from, to));
        return true;
    }

    // A character of a class, or -1 when it was a set such as \d and is in already.
    private bool TryRune(string pattern, ref int at, out int rune, out string why)
    {
        why = "";
        if (pattern[at] == '\\')
        {
            if (TryEscape(pattern, ref at, out rune, out why))
            {
                why = "";
                return true;
            }

            return false;
        }

        Rune.DecodeFromUtf16(pattern.AsSpan(at), out var decoded, out var length);
        at += length;
        rune = decoded.Value;
        return true;
    }
}
