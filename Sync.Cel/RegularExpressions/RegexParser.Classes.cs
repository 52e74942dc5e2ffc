using System.Collections.Frozen;

namespace Sync.Cel.RegularExpressions;

/// <content>Character classes and escapes.</content>
internal ref partial struct RegexParser
{
    // Ranges as pairs of characters.
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
        ["word"] = "09AZ__az",
        ["xdigit"] = "09AFaf",
    }.ToFrozenDictionary();

    // Finding a set by its name: a look-up, and for a script its ranges read from text.
    private const int NameSteps = 256;

    private void ParseClass(List<RegexNode> parts)
    {
        var start = _at++;
        var negated = TryTake('^');
        var set = new RuneSetBuilder(ref _meter);
        for (var first = true; ; first = false)
        {
            if (!HasMore)
            {
                Fail(start, "a `]` is missing for this `[`");
            }

            if (IsOver)
            {
                return;
            }

            if (!first && TryTake(']'))
            {
                break;
            }

            if (!TryNamedClass(set) && !TrySetEscape(set))
            {
                TakeRange(set);
            }
        }

        parts.Add(new RegexSet(negated ? set.Build().Negate() : set.Build()));
    }

    private void TakeRange(RuneSetBuilder set)
    {
        var start = _at;
        var from = TakeClassRune();
        var to = from;
        if (Rest is ['-', not ']', ..])
        {
            _at++;
            to = TakeClassRune();
            if (to < from)
            {
                Fail(start, "a range runs backwards");
            }
        }

        AddRange(set, from, to);
    }

    private readonly void AddRange(RuneSetBuilder set, int from, int to)
    {
        if (IsOver)
        {
            return;
        }

        if (_flags.HasFlag(Flags.IgnoreCase))
        {
            set.AddFolded(from, to);
        }
        else
        {
            set.Add(from, to);
        }
    }

    private int TakeClassRune() => _pattern[_at] == '\\' ? TakeEscapedRune() : TakeRune();

    // [:alpha:] and [:^alpha:], within a class only.
    private bool TryNamedClass(RuneSetBuilder set)
    {
        var length = Rest is ['[', ':', ..] ? Rest[2..].IndexOf(":]") : -1;
        if (length < 0)
        {
            return false;
        }

        var name = Rest.Slice(2, length);
        var negated = name is ['^', ..];
        if (s_posix.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(negated ? name[1..] : name, out var pairs))
        {
            AddPairs(set, pairs, negated);
        }
        else
        {
            Fail(_at, $"the class is none of {string.Join(' ', s_posix.Keys.Order().Select(k => $"[:{k}:]"))}");
        }

        _at += length + 4;
        return true;
    }

    /// <summary>Reads <c>\d \s \w \pN \p{…}</c> and their opposites into <paramref name="set"/>.</summary>
    private bool TrySetEscape(RuneSetBuilder set)
    {
        if (Rest is not ['\\', var kind, ..])
        {
            return false;
        }

        var pairs = kind switch
        {
            'd' or 'D' => "09",
            's' or 'S' => "\t\n\f\r  ",
            'w' or 'W' => "09AZ__az",
            _ => null,
        };
        if (pairs is not null)
        {
            _at += 2;
            AddPairs(set, pairs, char.IsAsciiLetterUpper(kind));
            return true;
        }

        if (kind is not ('p' or 'P'))
        {
            return false;
        }

        TakeUnicodeSet(set, kind == 'P');
        return true;
    }

    private readonly void AddPairs(RuneSetBuilder set, string pairs, bool negated)
    {
        var inner = negated ? new RuneSetBuilder(ref _meter) : set;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            AddRange(inner, pairs[i], pairs[i + 1]);
        }

        if (negated)
        {
            set.Add(inner.Build().Negate());
        }
    }

    private void TakeUnicodeSet(RuneSetBuilder set, bool negated)
    {
        var start = _at;
        _at += 2;
        var length = Rest is ['{', ..] ? Rest.IndexOf('}') - 1 : Math.Min(1, Rest.Length);
        if (length <= 0)
        {
            Fail(start, "a Unicode class is \\pL, \\p{Lu} or \\p{Greek}");
            return;
        }

        var braced = Rest[0] == '{';
        var name = Rest.Slice(braced ? 1 : 0, length);
        _at += braced ? length + 2 : length;
        if (name is ['^', ..])
        {
            name = name[1..];
            negated = !negated;
        }

        if (!_meter.Spend(NameSteps))
        {
            return;
        }

        var found = UnicodeSets.Find(name);
        if (found is null)
        {
            Fail(start, "the Unicode class is unknown; known are the general categories (L, Lu, Nd, So …), the scripts (Greek, Latin, Han …) and Any");
            return;
        }

        var inner = new RuneSetBuilder(ref _meter);
        if (_flags.HasFlag(Flags.IgnoreCase))
        {
            inner.AddFolded(found);
        }
        else
        {
            inner.Add(found);
        }

        var built = inner.Build();
        set.Add(negated ? built.Negate() : built);
    }

    private void ParseEscape(List<RegexNode> parts)
    {
        var set = new RuneSetBuilder(ref _meter);
        if (TrySetEscape(set))
        {
            parts.Add(new RegexSet(set.Build()));
            return;
        }

        if (Rest is [_, 'Q', ..])
        {
            TakeQuoted(parts);
            return;
        }

        RegexAssertion? assertion = Rest is [_, var kind, ..] ? kind switch
        {
            'A' => RegexAssertion.TextBegin,
            'z' => RegexAssertion.TextEnd,
            'b' => RegexAssertion.WordBoundary,
            'B' => RegexAssertion.NoWordBoundary,
            _ => null,
        } : null;
        if (assertion is { } place)
        {
            _at += 2;
            parts.Add(new RegexPlace(place));
        }
        else
        {
            parts.Add(Literal(TakeEscapedRune()));
        }
    }

    // \Q…\E: all of it literal; without \E to the end.
    private void TakeQuoted(List<RegexNode> parts)
    {
        _at += 2;
        var length = Rest.IndexOf(@"\E");
        var end = length < 0 ? _pattern.Length : _at + length;
        while (_at < end)
        {
            parts.Add(Literal(TakeRune()));
        }

        _at = length < 0 ? end : end + 2;
    }

    private int TakeEscapedRune()
    {
        var start = _at++;
        if (!HasMore)
        {
            Fail(start, "a backslash escapes nothing");
            return 0;
        }

        var c = _pattern[_at++];
        switch (c)
        {
            case 'a':
                return 7;
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case 'x':
                return TakeHex(start);
            case '0':
            case >= '1' and <= '7' when Rest is [>= '0' and <= '7', ..]:
                var rune = c - '0';
                for (var digits = 1; digits < 3 && Rest is [>= '0' and <= '7', ..]; digits++)
                {
                    rune = rune * 8 + (_pattern[_at++] - '0');
                }

                return rune;
            case >= '1' and <= '9':
                Fail(start, "back-references are not part of RE2, which matches in linear time");
                return 0;
            case < '\x80' when !char.IsAsciiLetterOrDigit(c):
                return c;
            default:
                Fail(start, c is 'Z' or 'G' or 'K' or 'R' or 'X' or 'C' or 'k'
                    ? "this escape is not part of RE2; the end of the text is \\z or $"
                    : "this is not an escape of RE2");
                return 0;
        }
    }

    private int TakeHex(int start)
    {
        var length = Rest is ['{', ..] ? Rest.IndexOf('}') - 1 : 2;
        var digits = Rest is ['{', ..] ? Rest.Slice(1, Math.Max(length, 0)) : Rest[..Math.Min(2, Rest.Length)];
        var rune = 0;
        foreach (var digit in digits)
        {
            rune = char.IsAsciiHexDigit(digit) && rune <= RuneSet.LastRune ? rune * 16 + Convert.ToInt32(digit.ToString(), 16) : int.MaxValue;
        }

        if (length <= 0 || digits.Length < length || rune > RuneSet.LastRune)
        {
            Fail(start, "\\x takes two hex digits, or up to 10FFFF in braces");
            return 0;
        }

        _at += Rest is ['{', ..] ? length + 2 : 2;
        return rune;
    }
}
