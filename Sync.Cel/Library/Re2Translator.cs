using System.Globalization;
using System.Text;

namespace Sync.Cel;

/// <summary>
/// Rewrites RE2 syntax for .NET. Only whether a text matches is ever asked, so captures become plain groups and lazy
/// quantifiers greedy ones. Characters are code points: one outside the BMP is a surrogate pair, in or out of a class. What cannot be
/// rewritten is reported (scripts, look-around, back-references). <c>\b</c> keeps .NET's idea of a word, which knows all of Unicode.
/// </summary>
internal sealed class Re2Translator(string pattern)
{
    private const int MaxRepeat = 1000;
    private const int MaxGroups = 100;

    private readonly StringBuilder _out = new(pattern.Length * 2);
    private readonly Stack<(bool Multiline, bool DotAll)> _groups = new();
    private int _at;
    private bool _multiline;
    private bool _dotAll;
    private bool _canRepeat;
    private string? _problem;

    public string? Translate(out string? problem)
    {
        while (_at < pattern.Length && _problem is null)
        {
            Step();
        }

        if (_groups.Count > 0)
        {
            Fail("a `)` is missing");
        }

        problem = _problem;
        return problem is null ? _out.ToString() : null;
    }

    private void Fail(string why) => _problem ??= $"The pattern `{pattern}` is not valid: {why}.";

    private void Step()
    {
        var c = pattern[_at];
        switch (c)
        {
            case '(':
                _at++;
                OpenGroup();
                break;
            case ')':
                _at++;
                CloseGroup();
                break;
            case '|':
                _at++;
                _out.Append('|');
                _canRepeat = false;
                break;
            case '.':
                _at++;
                Atom(_dotAll ? Re2Class.AnyRune : Re2Class.AnyButNewline);
                break;
            case '^':
                _at++;
                Assertion(_multiline ? "(?m:^)" : @"\A");
                break;
            case '$':
                _at++;
                Assertion(_multiline ? "(?m:$)" : @"\z");
                break;
            case '[':
                Class();
                break;
            case '\\':
                Escape();
                break;
            case '*' or '+' or '?':
                _at++;
                Repeat(c.ToString());
                break;
            case '{' when TryCount(out var count):
                Repeat(count);
                break;
            default:
                Rune.DecodeFromUtf16(pattern.AsSpan(_at), out var rune, out var length);
                _at += length;
                Atom(Re2Class.Literal(rune.Value));
                break;
        }
    }

    private void Atom(string text)
    {
        _out.Append(text);
        _canRepeat = true;
    }

    private void Assertion(string text)
    {
        // RE2 lets an assertion repeat; wrapped, .NET does too.
        _out.Append("(?:").Append(text).Append(')');
        _canRepeat = true;
    }

    private void Repeat(string quantifier)
    {
        if (!_canRepeat)
        {
            Fail($"nothing stands before `{quantifier}` to repeat");
            return;
        }

        _out.Append(quantifier);
        if (_at < pattern.Length && pattern[_at] == '?')
        {
            _at++;
        }

        _canRepeat = false;
    }

    // `{` that starts no valid count is a literal.
    private bool TryCount(out string count)
    {
        count = "";
        var end = pattern.IndexOf('}', _at);
        if (end < 0)
        {
            return false;
        }

        var parts = pattern[(_at + 1)..end].Split(',');
        if (parts.Length > 2 || parts[0].Length is 0 or > 4 || parts.Any(p => p.Length > 4 || p.Any(c => !char.IsAsciiDigit(c))))
        {
            return false;
        }

        var least = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var most = parts.Length == 2 && parts[1].Length > 0 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : least;
        if (least > MaxRepeat || most > MaxRepeat || most < least)
        {
            Fail($"a repeat count must lie within {MaxRepeat} and rise");
        }

        count = pattern[_at..(end + 1)];
        _at = end + 1;
        return true;
    }

    private void OpenGroup()
    {
        if (_groups.Count >= MaxGroups)
        {
            Fail("it is nested too deeply");
            return;
        }

        _canRepeat = false;
        var rest = pattern.AsSpan(_at);
        if (!rest.StartsWith("?"))
        {
            Push("(?:");
            return;
        }

        if (rest.StartsWith("?P<") || (rest.StartsWith("?<") && !rest.StartsWith("?<=") && !rest.StartsWith("?<!")))
        {
            var end = rest.IndexOf('>');
            var name = end < 0 ? "" : rest[(rest.IndexOf('<') + 1)..end];
            if (name.IsEmpty || name.ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"))
            {
                Fail("a group name is letters, digits and _");
                return;
            }

            _at += end + 1;
            Push("(?:");
            return;
        }

        Flags();
    }

    private void Push(string open)
    {
        _groups.Push((_multiline, _dotAll));
        _out.Append(open);
    }

    private void Flags()
    {
        var (multiline, dotAll, on) = (_multiline, _dotAll, true);
        var ignoreCase = "";
        for (_at++; _at < pattern.Length; _at++)
        {
            switch (pattern[_at])
            {
                case 'i':
                    ignoreCase = on ? "i" : "-i";
                    break;
                case 'm':
                    multiline = on;
                    break;
                case 's':
                    dotAll = on;
                    break;
                case 'U':
                    break; // greediness does not change whether a text matches
                case '-' when on:
                    on = false;
                    break;
                case ':':
                    _at++;
                    Push($"(?{ignoreCase}:");
                    (_multiline, _dotAll) = (multiline, dotAll);
                    return;
                case ')':
                    _at++;
                    _out.Append(ignoreCase.Length > 0 ? $"(?{ignoreCase})" : "");
                    (_multiline, _dotAll) = (multiline, dotAll);
                    return;
                default:
                    Fail("look-around and other `(?…` groups are not part of RE2");
                    return;
            }
        }

        Fail("a group is not closed");
    }

    private void CloseGroup()
    {
        if (_groups.Count == 0)
        {
            Fail("a `)` closes nothing");
            return;
        }

        (_multiline, _dotAll) = _groups.Pop();
        _out.Append(')');
        _canRepeat = true;
    }

    private void Class()
    {
        var set = Re2Class.Parse(pattern, ref _at, out var why);
        if (set is null)
        {
            Fail(why);
        }
        else
        {
            Atom(set.ToPattern());
        }
    }

    private void Escape()
    {
        var next = _at + 1 < pattern.Length ? pattern[_at + 1] : '\0';
        switch (next)
        {
            case 'A' or 'z' or 'b' or 'B':
                _at += 2;
                Assertion("\\" + next);
                break;
            case 'Q':
                Quoted();
                break;
            default:
                var set = new Re2Class();
                if (set.TryEscape(pattern, ref _at, out var literal, out var why))
                {
                    Atom(literal >= 0 ? Re2Class.Literal(literal) : set.ToPattern());
                }
                else
                {
                    Fail(why);
                }

                break;
        }
    }

    private void Quoted()
    {
        var end = pattern.IndexOf(@"\E", _at + 2, StringComparison.Ordinal);
        var text = pattern.AsSpan(_at + 2, (end < 0 ? pattern.Length : end) - _at - 2);
        foreach (var rune in text.EnumerateRunes())
        {
            Atom(Re2Class.Literal(rune.Value));
        }

        _at = end < 0 ? pattern.Length : end + 2;
    }
}
