namespace Sync.Cel.Syntax;

/// <summary>
/// Splits source text into tokens, one at a time. A text that is no token gives one of kind <see cref="TokenKind.Error"/>
/// with <see cref="Problem"/> and <see cref="Hint"/> set. CEL spec: Syntax, lexis.
/// </summary>
internal struct Lexer(string source)
{
    private int _at;

    /// <summary>Why the last token is an error.</summary>
    public string? Problem { get; private set; }

    /// <summary>What to write instead.</summary>
    public string? Hint { get; private set; }

    public Token Next()
    {
        SkipSpace();
        var start = _at;
        if (start >= source.Length)
        {
            return new Token(TokenKind.End, source.Length, source.Length);
        }

        var c = source[start];
        if (char.IsAsciiLetter(c) || c == '_')
        {
            return Word(start);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            return Number(start);
        }

        return c switch
        {
            '"' or '\'' => Text(start, start, raw: false, TokenKind.String),
            '`' => Quoted(start),
            '=' => Equals(start),
            '!' => Peek(1) != '=' ? Take(TokenKind.Not, 1)
                : Peek(2) == '=' ? Fail(start, "CEL has no `!==`.", "Write `!=`; values of different types are never equal.")
                : Take(TokenKind.NotEqual, 2),
            '<' => Peek(1) == '=' ? Take(TokenKind.LessEqual, 2)
                : Peek(1) == '>' ? Fail(start, "CEL has no `<>`.", "Write `!=`.")
                : Take(TokenKind.Less, 1),
            '>' => Peek(1) == '=' ? Take(TokenKind.GreaterEqual, 2) : Take(TokenKind.Greater, 1),
            '&' => Peek(1) == '&' ? Take(TokenKind.And, 2) : Fail(start, "A single `&` is not an operator.", "Write `&&` for and; bits: `math.bitAnd(a, b)`."),
            '|' => Peek(1) == '|' ? Take(TokenKind.Or, 2) : Fail(start, "A single `|` is not an operator.", "Write `||` for or; bits: `math.bitOr(a, b)`."),
            '(' => Take(TokenKind.OpenParen, 1),
            ')' => Take(TokenKind.CloseParen, 1),
            '[' => Take(TokenKind.OpenBracket, 1),
            ']' => Take(TokenKind.CloseBracket, 1),
            '{' => Take(TokenKind.OpenBrace, 1),
            '}' => Take(TokenKind.CloseBrace, 1),
            '.' => Take(TokenKind.Dot, 1),
            ',' => Take(TokenKind.Comma, 1),
            ':' => Take(TokenKind.Colon, 1),
            '?' => Peek(1) == '?' ? Fail(start, "CEL has no `??`.", "Give a default with `m.?k.orValue(d)`, or `x != null ? x : d`.") : Take(TokenKind.Question, 1),
            '+' => Peek(1) == '+' ? Fail(start, "CEL has no `++`.", "Expressions only compute; write `x + 1`.") : Take(TokenKind.Plus, 1),
            '-' => Take(TokenKind.Minus, 1),
            '*' => Peek(1) == '*' ? Fail(start, "CEL has no `**`.", "Multiply: `x * x`.") : Take(TokenKind.Star, 1),
            '/' => Take(TokenKind.Slash, 1),
            '%' => Take(TokenKind.Percent, 1),
            '$' => Fail(start, "`$` is not part of CEL.", SyntaxHints.Template),
            ';' => Fail(start, "`;` is not part of CEL.", "An expression is one value, without statements; name a part with `cel.bind(x, value, …)`."),
            '#' => Fail(start, "`#` is not part of CEL.", "A comment starts with `//`."),
            '^' => Fail(start, "CEL has no `^`.", "Bits: `math.bitXor(a, b)`; powers: `x * x`."),
            '~' => Fail(start, "CEL has no `~`.", "Bits: `math.bitNot(a)`."),
            '“' or '”' or '‘' or '’' => Fail(start, "A typographic quote is not a quote.", "Use straight quotes: \"text\" or 'text'."),
            _ => Fail(start, $"Unexpected character {Show(start)}.", c > '\x7f' ? "Names are ASCII letters, digits and `_`; put other text in quotes, as in `m[\"größe\"]`." : null),
        };
    }

    private readonly char Peek(int ahead) => _at + ahead < source.Length ? source[_at + ahead] : '\0';

    private Token Take(TokenKind kind, int length)
    {
        var start = _at;
        _at += length;
        return new Token(kind, start, _at);
    }

    private Token Fail(int at, string problem, string? hint)
    {
        Problem = problem;
        Hint = hint;
        _at = source.Length;
        return new Token(TokenKind.Error, at, Math.Min(at + 1, source.Length));
    }

    private readonly string Show(int at)
    {
        var length = char.IsHighSurrogate(source[at]) && at + 1 < source.Length && char.IsLowSurrogate(source[at + 1]) ? 2 : 1;
        var text = source.Substring(at, length);
        return length == 1 && (char.IsControl(text[0]) || char.IsSurrogate(text[0])) ? $"U+{(int)text[0]:X4}" : $"`{text}`";
    }

    private void SkipSpace()
    {
        while (_at < source.Length)
        {
            var c = source[_at];
            if (c is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _at++;
            }
            else if (c == '/' && Peek(1) == '/')
            {
                var end = source.IndexOf('\n', _at);
                _at = end < 0 ? source.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private Token Equals(int start) => Peek(1) switch
    {
        '=' when Peek(2) == '=' => Fail(start, "CEL has no `===`.", "Write `==`; values of different types are never equal."),
        '=' => Take(TokenKind.Equal, 2),
        '>' => Fail(start, "CEL has no arrow functions.", "Name the variable as the first argument: `list.filter(x, x > 1)`."),
        '~' => Fail(start, "CEL has no `=~`.", "Write `text.matches(\"pattern\")`."),
        _ => Fail(start, "A single `=` is not an operator.", "Compare with `==`. Expressions cannot assign; name a value with `cel.bind(x, value, …)`."),
    };

    private Token Word(int start)
    {
        var end = start + 1;
        while (end < source.Length && (char.IsAsciiLetterOrDigit(source[end]) || source[end] == '_'))
        {
            end++;
        }

        var word = source.AsSpan(start, end - start);
        if (word.Length <= 2 && end < source.Length && source[end] is '"' or '\'')
        {
            var raw = word.ContainsAny('r', 'R');
            var bytes = word.ContainsAny('b', 'B');
            if ((raw ? 1 : 0) + (bytes ? 1 : 0) == word.Length)
            {
                return Text(start, end, raw, bytes ? TokenKind.Bytes : TokenKind.String);
            }
        }

        _at = end;
        var kind = word switch
        {
            "true" => TokenKind.True,
            "false" => TokenKind.False,
            "null" => TokenKind.Null,
            "in" => TokenKind.In,
            _ => TokenKind.Identifier,
        };
        return new Token(kind, start, end);
    }

    private Token Quoted(int start)
    {
        var end = start + 1;
        while (end < source.Length && (char.IsAsciiLetterOrDigit(source[end]) || source[end] is '_' or '.' or '-' or '/' or ' '))
        {
            end++;
        }

        if (end == start + 1 || end >= source.Length || source[end] != '`')
        {
            return Fail(start, "A backtick quotes only a field name.", "Quote text with \" or '; backticks are for keys such as m.`content-type`.");
        }

        _at = end + 1;
        return new Token(TokenKind.QuotedIdentifier, start, _at);
    }

    private Token Number(int start)
    {
        var end = start;
        if (source[start] == '0' && (Peek(1) | 0x20) == 'x' && char.IsAsciiHexDigit(Peek(2)))
        {
            end += 2;
            end = Run(end, char.IsAsciiHexDigit);
            return Ended(start, end, TokenKind.Int);
        }

        var kind = TokenKind.Int;
        end = Run(end, char.IsAsciiDigit);
        if (end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
        {
            kind = TokenKind.Double;
            end = Run(end + 1, char.IsAsciiDigit);
        }

        if (end < source.Length && (source[end] | 0x20) == 'e')
        {
            var digits = end + 1 < source.Length && source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (digits < source.Length && char.IsAsciiDigit(source[digits]))
            {
                kind = TokenKind.Double;
                end = Run(digits, char.IsAsciiDigit);
            }
        }

        return Ended(start, end, kind);
    }

    private Token Ended(int start, int end, TokenKind kind)
    {
        if (kind == TokenKind.Int && end < source.Length && (source[end] | 0x20) == 'u')
        {
            kind = TokenKind.UInt;
            end++;
        }

        if (end < source.Length && (char.IsAsciiLetterOrDigit(source[end]) || source[end] == '_'))
        {
            return Fail(end, "A number runs into a name.", "Put an operator between them, or quotes around text; durations: `duration(\"5m\")`.");
        }

        _at = end;
        return new Token(kind, start, end);
    }

    private readonly int Run(int from, Func<char, bool> belongs)
    {
        while (from < source.Length && belongs(source[from]))
        {
            from++;
        }

        return from;
    }

    // Finds the end only; LiteralReader takes the text out once the parser wants it.
    private Token Text(int start, int quoteAt, bool raw, TokenKind kind)
    {
        var quote = source[quoteAt];
        var triple = quoteAt + 2 < source.Length && source[quoteAt + 1] == quote && source[quoteAt + 2] == quote;
        var at = quoteAt + (triple ? 3 : 1);
        while (at < source.Length)
        {
            var c = source[at];
            if (c == '\\' && !raw)
            {
                at += 2;
                continue;
            }

            if (c == quote && (!triple || (at + 2 < source.Length && source[at + 1] == quote && source[at + 2] == quote)))
            {
                _at = at + (triple ? 3 : 1);
                return new Token(kind, start, _at);
            }

            if (c is '\n' or '\r' && !triple)
            {
                break;
            }

            at++;
        }

        return Fail(start, "The text is not closed.", $"Close it with {(triple ? new string(quote, 3) : quote)}{(triple ? "" : "; text over several lines needs three quotes")}.");
    }
}
