namespace Sync.Cel.RegularExpressions;

/// <content>Groups and flags.</content>
internal ref partial struct RegexParser
{
    private void ParseGroup(List<RegexNode> parts)
    {
        var start = _at;
        if (_depth == MaxNesting)
        {
            Fail(start, $"groups are nested deeper than {MaxNesting}");
            return;
        }

        _at++;
        var flags = _flags;
        var group = 0;
        if (!TryTake('?'))
        {
            group = ++Groups;
        }
        else if (Rest is ['P', '<', ..] || (Rest is ['<', ..] and not ['<', '=' or '!', ..]))
        {
            TakeName(start);
            group = ++Groups;
        }
        else if (!TakeFlags(start))
        {
            return; // flags for the rest of the group around it
        }

        _depth++;
        var body = IsOver ? RegexEmpty.Instance : ParseAlternatives();
        _depth--;
        if (!IsOver && !TryTake(')'))
        {
            Fail(start, "a `)` is missing for this `(`");
        }

        _flags = flags;
        parts.Add(group > 0 ? new RegexCapture(group, body) : body);
    }

    private void TakeName(int start)
    {
        _at += Rest[0] == 'P' ? 2 : 1;
        var length = Rest.IndexOf('>');
        var name = length < 0 ? "" : Rest[..length].ToString();
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            Fail(start, "a group's name is letters, digits and _ between < and >");
        }
        else if (!_names.Add(name))
        {
            Fail(start, "two groups have the same name");
        }

        _at += length + 1;
    }

    /// <summary>Reads <c>i m s U</c>, on or off; true when a group follows (<c>:</c>), false when they hold from here on (<c>)</c>) or are none.</summary>
    private bool TakeFlags(int start)
    {
        var flags = _flags;
        var (off, any) = (false, false);
        for (; HasMore; _at++)
        {
            var flag = _pattern[_at] switch
            {
                'i' => Flags.IgnoreCase,
                'm' => Flags.Multiline,
                's' => Flags.DotAll,
                'U' => Flags.SwapGreed,
                _ => Flags.None,
            };
            if (flag != Flags.None)
            {
                flags = off ? flags & ~flag : flags | flag;
                any = true;
                continue;
            }

            switch (_pattern[_at])
            {
                case '-' when !off:
                    (off, any) = (true, false);
                    continue;
                case ':' or ')' when !off || any:
                    _flags = flags;
                    return _pattern[_at++] == ':';
                case '=' or '!':
                case '<' when Rest is ['<', '=' or '!', ..]:
                    Fail(start, "look-around is not part of RE2, which matches in linear time; test the parts with several `matches`");
                    return false;
                default:
                    Fail(start, "`(?` begins a group of RE2 only as (?:…), (?P<name>…), (?<name>…) or with the flags i, m, s, U");
                    return false;
            }
        }

        Fail(start, "a `)` is missing for this `(`");
        return false;
    }
}
