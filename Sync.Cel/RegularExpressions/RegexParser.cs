using System.Globalization;
using System.Text;

namespace Sync.Cel.RegularExpressions;

/// <summary>
/// Reads RE2's syntax (https://github.com/google/re2/wiki/Syntax) as Go's regexp/syntax does with its Perl flags. The pattern is UTF-16; what it means
/// is code points. Recursion is as deep as groups are nested, which is bounded. The first problem ends the parse.
/// </summary>
/// <remarks>What is wrong is said by position, never by quoting: a pattern may be data that whoever sees the error may not read.</remarks>
internal ref partial struct RegexParser
{
    public const int MaxRepeat = 1000;
    private const int MaxNesting = 100;
    private const int CharacterSteps = 8; // a node, a list entry and the look at each character

    private readonly string _pattern;
    private readonly ref RegexMeter _meter;
    private readonly HashSet<string> _names = [];
    private int _at;
    private int _depth;
    private Flags _flags = Flags.None;
    private string? _problem;

    public RegexParser(string pattern, ref RegexMeter meter)
    {
        _pattern = pattern;
        _meter = ref meter;
    }

    [Flags]
    private enum Flags
    {
        None = 0,
        IgnoreCase = 1,
        Multiline = 2,
        DotAll = 4,
        SwapGreed = 8,
    }

    /// <summary>How many groups capture.</summary>
    public int Groups { get; private set; }

    /// <summary>What is wrong with the pattern, or null.</summary>
    public readonly string? Problem => _problem;

    private readonly bool IsOver => _problem is not null || _meter.IsOver;

    private readonly bool HasMore => _at < _pattern.Length;

    private readonly ReadOnlySpan<char> Rest => _pattern.AsSpan(_at);

    /// <summary>The tree; null where there is a problem or the meter ran out.</summary>
    public RegexNode? Parse()
    {
        if (!_meter.Spend((long)_pattern.Length * CharacterSteps))
        {
            return null;
        }

        var node = ParseAlternatives();
        if (HasMore && !IsOver)
        {
            Fail(_at, "a `)` closes nothing");
        }

        return IsOver ? null : node;
    }

    private void Fail(int at, string why) =>
        _problem ??= string.Create(CultureInfo.InvariantCulture, $"The pattern is not valid at character {at + 1}: {why}.");

    private RegexNode ParseAlternatives()
    {
        var choices = new List<RegexNode>(1);
        do
        {
            choices.Add(ParseSequence());
        }
        while (!IsOver && TryTake('|'));
        return choices.Count == 1 ? choices[0] : new RegexAlternate([.. choices]);
    }

    private RegexNode ParseSequence()
    {
        var parts = new List<RegexNode>();
        var repeated = false; // whether the last part ends with a repetition, which none may follow at once
        while (HasMore && !IsOver && _pattern[_at] is not ('|' or ')'))
        {
            var start = _at;
            if (TryRepeat(out var min, out var max))
            {
                Repeat(parts, start, repeated, min, max);
                repeated = true;
            }
            else
            {
                ParseAtom(parts);
                repeated = false;
            }
        }

        return parts.Count switch
        {
            0 => RegexEmpty.Instance,
            1 => parts[0],
            _ => new RegexConcat([.. parts]),
        };
    }

    private bool TryTake(char c)
    {
        if (!HasMore || _pattern[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void ParseAtom(List<RegexNode> parts)
    {
        switch (_pattern[_at])
        {
            case '(':
                ParseGroup(parts);
                break;
            case '[':
                ParseClass(parts);
                break;
            case '\\':
                ParseEscape(parts);
                break;
            case '.':
                _at++;
                parts.Add(new RegexSet(_flags.HasFlag(Flags.DotAll) ? RuneSet.Any : RuneSet.AnyButNewline));
                break;
            case '^':
                _at++;
                parts.Add(new RegexPlace(_flags.HasFlag(Flags.Multiline) ? RegexAssertion.LineBegin : RegexAssertion.TextBegin));
                break;
            case '$':
                _at++;
                parts.Add(new RegexPlace(_flags.HasFlag(Flags.Multiline) ? RegexAssertion.LineEnd : RegexAssertion.TextEnd));
                break;
            default:
                parts.Add(Literal(TakeRune()));
                break;
        }
    }

    private int TakeRune()
    {
        Rune.DecodeFromUtf16(Rest, out var rune, out var length);
        _at += length;
        return rune.Value;
    }

    private readonly RegexNode Literal(int rune)
    {
        if (!_flags.HasFlag(Flags.IgnoreCase))
        {
            return new RegexRune(rune);
        }

        var set = new RuneSetBuilder(ref _meter);
        set.AddFolded(rune, rune);
        var folded = set.Build();
        return folded.Bounds is [var first, var last] && first == last ? new RegexRune(rune) : new RegexSet(folded);
    }

    // A `{` that starts no count is a literal, as in RE2.
    private bool TryRepeat(out int min, out int max)
    {
        (min, max) = (0, -1);
        switch (_pattern[_at])
        {
            case '*':
                break;
            case '+':
                min = 1;
                break;
            case '?':
                max = 1;
                break;
            case '{':
                return TryCount(out min, out max);
            default:
                return false;
        }

        _at++;
        return true;
    }

    private bool TryCount(out int min, out int max)
    {
        max = -1;
        var start = _at;
        _at++;
        if (TryNumber(out min))
        {
            max = min;
            if (TryTake(',') && !TryNumber(out max))
            {
                max = -1;
            }

            if (TryTake('}'))
            {
                if (min > MaxRepeat || max > MaxRepeat || (max >= 0 && max < min))
                {
                    Fail(start, $"a repeat count must lie within {MaxRepeat} and rise");
                }

                return true;
            }
        }

        _at = start;
        return false;
    }

    // A number without leading zeros; one that is too large for any use stays too large.
    private bool TryNumber(out int number)
    {
        number = 0;
        var length = 0;
        while (_at + length < _pattern.Length && char.IsAsciiDigit(_pattern[_at + length]))
        {
            number = Math.Min(number * 10 + (_pattern[_at + length] - '0'), MaxRepeat + 1);
            length++;
        }

        if (length == 0 || (length > 1 && _pattern[_at] == '0'))
        {
            return false;
        }

        _at += length;
        return true;
    }

    private void Repeat(List<RegexNode> parts, int start, bool repeated, int min, int max)
    {
        if (repeated)
        {
            Fail(start, "one repetition follows another; put the first into a group, (?:…)");
        }
        else if (parts.Count == 0)
        {
            Fail(start, "nothing stands before the repetition");
        }
        else
        {
            var lazy = TryTake('?');
            var node = new RegexRepeat(parts[^1], min, max, IsGreedy: lazy == _flags.HasFlag(Flags.SwapGreed));
            if (max > 1 || min > 1)
            {
                CheckCounts(start, node);
            }

            parts[^1] = node;
        }
    }

    // Counts inside counts multiply; RE2 bounds the product.
    private void CheckCounts(int start, RegexRepeat node)
    {
        if (Product(node) > MaxRepeat)
        {
            Fail(start, $"counts inside counts multiply to more than {MaxRepeat}");
        }
    }

    private readonly long Product(RegexNode node)
    {
        if (!_meter.Spend(1))
        {
            return 0;
        }

        switch (node)
        {
            case RegexRepeat repeat:
                return Math.Max(1, Math.Max(repeat.Min, repeat.Max)) * Product(repeat.Body);
            case RegexCapture capture:
                return Product(capture.Body);
            case RegexConcat or RegexAlternate:
                var most = 1L;
                foreach (var part in node is RegexConcat concat ? concat.Parts : ((RegexAlternate)node).Choices)
                {
                    most = Math.Max(most, Product(part));
                }

                return most;
            default:
                return 1;
        }
    }
}
