namespace Sync.Cel.Syntax;

/// <summary>Hints for what people write who come from JavaScript, Python or templates.</summary>
internal static class SyntaxHints
{
    public const string Template =
        "This is an expression, not a template: name values directly, as in `params.x == \"a\"`, and join text with `+`.";

    public static string? For(string source, Token token)
    {
        var text = source.AsSpan(token.Start, token.Length);
        var before = source.AsSpan(0, token.Start).TrimEnd();
        var after = source.AsSpan(token.End).TrimStart();
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                return Word(text, before, after);
            case TokenKind.Not or TokenKind.In when text is "in" && before.EndsWith("not"):
                return "Write `!(x in list)`.";
            case TokenKind.Comma:
                return before.IsEmpty ? null : "A list needs brackets, `[a, b]`; an expression has one value.";
            case TokenKind.CloseParen or TokenKind.CloseBracket or TokenKind.CloseBrace:
                return before.EndsWith(",") ? "Remove the comma before it." : $"Nothing opens this `{text}`, or a value is missing before it.";
            case TokenKind.Greater when before.EndsWith("-"):
                return "CEL has no arrow functions. Name the variable as the first argument: `list.filter(x, x > 1)`.";
            case TokenKind.String or TokenKind.Int or TokenKind.Double:
                return "An operator is missing before it.";
            case TokenKind.OpenBrace:
                return "CEL has no message or block syntax here; a map stands alone: `{\"key\": value}`.";
            case TokenKind.Colon:
                return "A map is `{\"key\": value}`; a choice is `condition ? a : b`.";
            case TokenKind.Equal or TokenKind.NotEqual or TokenKind.Less or TokenKind.Greater or TokenKind.LessEqual or TokenKind.GreaterEqual
                or TokenKind.And or TokenKind.Or or TokenKind.Star or TokenKind.Slash or TokenKind.Percent or TokenKind.Plus:
                return "A value is missing before it.";
            default:
                return null;
        }
    }

    public static string AtEnd(string source) => source.AsSpan().TrimEnd() switch
    {
        [.., ','] => "Remove the last comma, or write what comes after it.",
        [.., '.'] => "A field name is missing after the dot.",
        _ => "A value is missing at the end.",
    };

    /// <summary>For a <c>?</c> without its <c>:</c>.</summary>
    public static string Question(string source, int at) => at + 1 < source.Length && source[at + 1] is '.' or '['
        ? "Optional access puts the mark after the dot or bracket: `m.?k.orValue(d)`, `m[?\"k\"]`."
        : "A choice has both branches: `condition ? a : b`.";

    public static string Reserved(string name) => name switch
    {
        "if" or "else" => "Write a choice as `condition ? a : b`.",
        "for" or "while" or "loop" => "Loop with macros: `list.map(x, …)`, `list.filter(x, …)`, `list.exists(x, …)`, `list.all(x, …)`.",
        "let" or "var" or "const" => "Name a value with `cel.bind(x, value, expression)`.",
        "function" => "CEL has no functions of its own; name the variable in a macro: `list.filter(x, x > 1)`.",
        "return" => "Leave it out: an expression is its value.",
        _ => $"As a key write `m[\"{name}\"]` or `m.{name}`.",
    };

    /// <summary>For a variable name that nothing declares but people often mean.</summary>
    public static string? UnknownName(string name) => name switch
    {
        "undefined" or "None" or "nil" or "NULL" or "Null" => "Write `null`; whether a key is there: `has(m.k)` or `\"k\" in m`.",
        "True" or "TRUE" => "Write `true`.",
        "False" or "FALSE" => "Write `false`.",
        "not" or "NOT" => "Write `!`.",
        "and" or "AND" => "Write `&&`.",
        "or" or "OR" => "Write `||`.",
        "this" => "Use `self` for the calling agent, or a macro's variable.",
        "Math" => "The library is `math`: `math.greatest(a, b)`, `math.round(x)`.",
        "JSON" or "Object" or "Array" => "Use `m.keys()`, `m.values()`, `m.entries()`, `size(x)`, `string(x)`.",
        "NaN" or "Infinity" => $"Write `double(\"{name}\")`.",
        "Date" or "datetime" => "Use `now`, `timestamp(\"2026-01-31T09:30:00Z\")` and `duration(\"5m\")`.",
        "lambda" => "Name the variable as the first argument: `list.filter(x, x > 1)`.",
        _ => null,
    };

    private static string? Word(ReadOnlySpan<char> text, ReadOnlySpan<char> before, ReadOnlySpan<char> after) => text switch
    {
        "and" => "Write `&&`.",
        "or" => "Write `||`.",
        "not" => after.StartsWith("in ") ? "Write `!(x in list)`." : "Write `!`.",
        "is" => "Compare with `==`.",
        "if" or "else" or "then" => "Write a choice as `condition ? a : b`.",
        "for" => "Write `list.map(x, …)` or `list.filter(x, …)`.",
        "of" => "Write `x in list`.",
        "instanceof" or "typeof" => "Write `type(x) == string`.",
        "eq" or "equals" => "Write `==`.",
        "contains" or "includes" or "startsWith" or "endsWith" or "matches" => $"Call it with a dot: `text.{(text is "includes" ? "contains" : text)}(\"part\")`.",
        "like" or "LIKE" => "Write `text.contains(\"part\")` or `text.matches(\"pattern\")`.",
        "AND" => "Write `&&`.",
        "OR" => "Write `||`.",
        _ when before.EndsWith("lambda") => "Name the variable as the first argument: `list.filter(x, x > 1)`.",
        _ when before.EndsWith("typeof") => "Write `type(x) == string`.",
        _ when before.EndsWith("not") => "Write `!`.",
        _ => "An operator or a comma is missing before it; text needs quotes.",
    };
}
