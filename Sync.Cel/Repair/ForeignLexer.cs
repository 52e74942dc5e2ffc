using System.Globalization;
using System.Text;

namespace Sync.Cel.Repair;

internal enum ForeignKind
{
    End,
    Word,
    Number,
    Text,
    Template,
    Pattern,
    Symbol,
}

/// <summary>A token of whatever language. <paramref name="Text"/> is its meaning: a text without quotes, a pattern without slashes; a template keeps its placeholders.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">What it says.</param>
/// <param name="Mark">A text's prefix, a pattern's flags, a template's opening mark.</param>
/// <param name="Start">Where it begins in the source.</param>
internal readonly record struct ForeignToken(ForeignKind Kind, string Text, string Mark, int Start)
{
    public bool Is(string symbol) => Kind == ForeignKind.Symbol && Text == symbol;

    /// <summary>Whether it is a keyword, in lower or in upper case.</summary>
    public bool IsWord(string word) => Kind == ForeignKind.Word && (Text == word || Text == word.ToUpperInvariant());
}

/// <summary>Splits a text that did not compile into tokens, as the languages do that people come from. Null where a token does not end.</summary>
internal static class ForeignLexer
{
    // Longest first.
    private static readonly string[] s_symbols =
    [
        "===", "!==", "...", "?.[", "<=>", "??=", "**=", "=>", "->", "==", "!=", "<>", "<=", ">=", "=~", "&&", "||", "??", "?.", "?:", "**", "::", "++", "--", "//",
        "+", "-", "*", "/", "%", "<", ">", "=", "!", "?", ":", ".", ",", ";", "(", ")", "[", "]", "{", "}", "&", "|", "^", "~", "$", "@",
    ];

    public static List<ForeignToken>? Read(string source)
    {
        var tokens = new List<ForeignToken>();
        for (var at = 0; at < source.Length;)
        {
            var c = source[at];
            if (char.IsWhiteSpace(c))
            {
                at++;
                continue;
            }

            if (source.AsSpan(at).StartsWith("//") || (c == '#' && !source.AsSpan(at).StartsWith("#{")))
            {
                var end = source.IndexOf('\n', at);
                at = end < 0 ? source.Length : end;
                continue;
            }

            var before = tokens.Count > 0 ? tokens[^1] : default;
            var token = char.IsAsciiLetter(c) || c == '_' ? Word(source, ref at)
                : char.IsAsciiDigit(c) || (c == '.' && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1])) ? Number(source, ref at)
                : c is '"' or '\'' or '`' or '“' or '”' or '‘' or '’' ? Quoted(source, ref at, at, "", before)
                : c == '/' && BeginsOperand(before) && TryPattern(source, ref at, out var pattern) ? pattern
                : Symbol(source, ref at);
            if (token is not { } read)
            {
                return null;
            }

            tokens.Add(read);
        }

        tokens.Add(new ForeignToken(ForeignKind.End, "", "", source.Length));
        return tokens;
    }

    private static bool BeginsOperand(ForeignToken before) =>
        before.Kind == ForeignKind.End || (before.Kind == ForeignKind.Symbol && before.Text is not (")" or "]" or "}"))
        || before.IsWord("and") || before.IsWord("or") || before.IsWord("not") || before.IsWord("like");

    private static ForeignToken? Word(string source, ref int at)
    {
        var start = at;
        while (at < source.Length && (char.IsAsciiLetterOrDigit(source[at]) || source[at] == '_'))
        {
            at++;
        }

        var word = source[start..at];
        return word.Length <= 2 && at < source.Length && source[at] is '"' or '\'' && word.AsSpan().IndexOfAnyExcept("rRbBfFuU") < 0
            ? Quoted(source, ref at, start, word.ToLowerInvariant(), default)
            : new ForeignToken(ForeignKind.Word, word, "", start);
    }

    private static ForeignToken? Number(string source, ref int at)
    {
        var start = at;
        var isHex = source.AsSpan(at).StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        at += isHex ? 2 : 0;
        while (at < source.Length)
        {
            var c = source[at];
            var isPoint = c == '.' && !isHex && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1]);
            var isSign = c is '+' or '-' && !isHex && (source[at - 1] | 0x20) == 'e' && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1]);
            if (!isPoint && !isSign && !char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                break;
            }

            at++;
        }

        // 1_000, 10n, 2.5f, 3L; what stays, such as 5m, is a duration.
        var text = source[start..at].Replace("_", "", StringComparison.Ordinal);
        text = isHex ? text : text.TrimEnd('n', 'f', 'F', 'L', 'l');
        return new ForeignToken(ForeignKind.Number, text, "", start);
    }

    private static ForeignToken? Quoted(string source, ref int at, int start, string prefix, ForeignToken before)
    {
        var open = source[at];
        var close = open switch { '“' => '”', '‘' => '’', var same => same };
        var isTriple = open is '"' or '\'' && source.AsSpan(at).StartsWith(new string(open, 3));
        at += isTriple ? 3 : 1;
        var text = new StringBuilder();
        for (; at < source.Length; at++)
        {
            var c = source[at];
            if (c == '\\' && !prefix.Contains('r') && at + 1 < source.Length)
            {
                at = Escape(source, at + 1, text);
                continue;
            }

            if (c != close || (isTriple && !source.AsSpan(at).StartsWith(new string(close, 3))))
            {
                text.Append(c);
                continue;
            }

            // SQL doubles a quote to have it in a text.
            if (!isTriple && at + 1 < source.Length && source[at + 1] == close && text.Length > 0 && open != '`')
            {
                text.Append(c);
                at++;
                continue;
            }

            at += isTriple ? 3 : 1;
            var value = text.ToString();
            return open == '`' && before.Is(".") ? new ForeignToken(ForeignKind.Word, value, "", start)
                : prefix.Contains('f') ? new ForeignToken(ForeignKind.Template, value, "{", start)
                : prefix.Contains('b') ? new ForeignToken(ForeignKind.Text, source[start..at], "b", start)
                : value.Contains("${", StringComparison.Ordinal) ? new ForeignToken(ForeignKind.Template, value, "${", start)
                : value.Contains("{{", StringComparison.Ordinal) ? new ForeignToken(ForeignKind.Template, value, "{{", start)
                : new ForeignToken(ForeignKind.Text, value, "", start);
        }

        return null;
    }

    // Gives the place of the last character that it took.
    private static int Escape(string source, int at, StringBuilder text)
    {
        if (source[at] == 'u' && at + 4 < source.Length && int.TryParse(source.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            text.Append((char)code);
            return at + 4;
        }

        text.Append(source[at] switch { 'n' => "\n", 't' => "\t", 'r' => "\r", '\\' or '"' or '\'' or '`' or '/' => source[at].ToString(), var other => "\\" + other });
        return at;
    }

    private static bool TryPattern(string source, ref int at, out ForeignToken? token)
    {
        token = null;
        for (var end = at + 1; end < source.Length && source[end] != '\n'; end++)
        {
            if (source[end] == '\\')
            {
                end++;
            }
            else if (source[end] == '/' && end > at + 1)
            {
                var flags = end + 1;
                while (flags < source.Length && char.IsAsciiLetterLower(source[flags]))
                {
                    flags++;
                }

                token = new ForeignToken(ForeignKind.Pattern, source[(at + 1)..end].Replace("\\/", "/", StringComparison.Ordinal), source[(end + 1)..flags], at);
                at = flags;
                return true;
            }
        }

        return false;
    }

    private static ForeignToken? Symbol(string source, ref int at)
    {
        foreach (var symbol in s_symbols)
        {
            if (source.AsSpan(at).StartsWith(symbol, StringComparison.Ordinal))
            {
                var token = new ForeignToken(ForeignKind.Symbol, symbol, "", at);
                at += symbol.Length;
                return token;
            }
        }

        return null;
    }
}
