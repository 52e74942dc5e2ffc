using Sync.Cel.Syntax.Macros;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Syntax;

/// <summary>
/// Recursive descent over the CEL grammar (CEL spec: Syntax):
/// <code>
/// Expr        = Or [ "?" Or ":" Expr ]
/// Or          = And { "||" And }
/// And         = Relation { "&amp;&amp;" Relation }
/// Relation    = Sum { ("&lt;" | "&lt;=" | "&gt;=" | "&gt;" | "==" | "!=" | "in") Sum }
/// Sum         = Product { ("+" | "-") Product }
/// Product     = Unary { ("*" | "/" | "%") Unary }
/// Unary       = { "!" } Member | { "-" } Member
/// Member      = Primary { "." ["?"] Field | "." IDENT "(" [Exprs] ")" | "[" ["?"] Expr "]" }
/// Primary     = ["."] IDENT [ "(" [Exprs] ")" ] | "(" Expr ")" | List | Map | LITERAL
/// List        = "[" [ ["?"] Expr { "," ["?"] Expr } ] [","] "]"
/// Map         = "{" [ ["?"] Expr ":" Expr { "," … } ] [","] "}"
/// Field       = IDENT | "`" text "`"
/// </code>
/// </summary>
/// <remarks>
/// The first problem is recorded and the rest of the text skipped, so there is exactly one issue. Recursion is bounded by
/// <see cref="CelLimits.Nesting"/> on the way down and <see cref="MaxHeight"/> on the way up. Macros expand as their call is read.
/// </remarks>
internal sealed partial class Parser
{
    /// <summary>
    /// Levels of the tree, whatever the options say: chains such as <c>a.b.c…</c> nest to the left without nesting the source. Every
    /// walk over the tree recurses this deep at most, at up to a kilobyte a level.
    /// </summary>
    public const int MaxHeight = 500;

    private const int MaxNesting = 250;

    private readonly string _source;
    private readonly CelLimits _limits;
    private readonly int _maxNesting;
    private Lexer _lexer;
    private Token _token;
    private int _end; // of the token taken last
    private int _depth;
    private int _nodes;

    private Parser(string source, CelLimits limits)
    {
        _source = source;
        _limits = limits;
        _maxNesting = Math.Min(limits.Nesting, MaxNesting);
        _lexer = new Lexer(source);
    }

    /// <summary>The first problem, or null.</summary>
    public CelIssue? Issue { get; private set; }

    /// <summary>The tree of <paramref name="source"/>, or the issue.</summary>
    public static Expr? Parse(string source, CelLimits limits, out CelIssue? issue)
    {
        if (source.Length > limits.SourceLength)
        {
            issue = SourceText.Issue(source, 0, $"The expression has {source.Length} characters; {limits.SourceLength} are allowed.", "Split it into views, or move data out of it.", Errors.LimitCode);
            return null;
        }

        var parser = new Parser(source, limits);
        parser.Advance();
        var tree = parser.ParseExpr();
        if (parser._token.Kind != TokenKind.End)
        {
            parser.Unexpected("after the end of the expression");
        }

        issue = parser.Issue;
        return issue is null ? tree : null;
    }

    private void Advance()
    {
        _end = _token.End;
        _token = _lexer.Next();
        if (_token.Kind == TokenKind.Error)
        {
            // The lexer always says why.
            Fail(_token.Start, _lexer.Problem ?? "Unexpected text.", _lexer.Hint);
        }
    }

    private FaultyExpr Fail(int at, string message, string? hint, string code = "invalid_cel")
    {
        Issue ??= SourceText.Issue(_source, at, message, hint, code);
        _token = new Token(TokenKind.End, _source.Length, _source.Length);
        _lexer = new Lexer("");
        return new FaultyExpr(at);
    }

    private FaultyExpr TooDeep(int at) => Fail(
        at, $"The expression is nested deeper than {_maxNesting} levels, or has a chain of more than {MaxHeight} selections.", "Name inner parts with `cel.bind(x, value, …)` or split it into views.", Errors.LimitCode);

    // Every node passes here once, also those that macros make.
    private Expr Track(Expr node)
    {
        if (++_nodes > _limits.Nodes)
        {
            return Fail(node.Start, $"The expression has more than {_limits.Nodes} parts.", "Split it into views.", Errors.LimitCode);
        }

        return node.Height <= MaxHeight ? node : TooDeep(node.Position);
    }

    private bool Accept(TokenKind kind)
    {
        if (_token.Kind != kind)
        {
            return false;
        }

        Advance();
        return true;
    }

    /// <summary>Takes a closing token and gives the offset after it.</summary>
    private int Expect(TokenKind kind, string text, int openAt)
    {
        var end = _token.End;
        if (_token.Kind == kind)
        {
            Advance();
        }
        else if (_token.Kind == TokenKind.End)
        {
            Fail(_source.Length, $"`{text}` is missing.", openAt >= 0 ? $"It closes the `{_source[openAt]}` at character {openAt + 1}." : null);
        }
        else
        {
            Unexpected($"where `{text}` should stand");
        }

        return end;
    }

    private FaultyExpr Unexpected(string where)
    {
        if (_token.Kind == TokenKind.End)
        {
            return _source.AsSpan().Trim().IsEmpty
                ? Fail(0, "The expression is empty.", "Write a condition such as `state._shared.phase == \"playing\"`.")
                : Fail(_source.Length, "The expression ends too early.", SyntaxHints.AtEnd(_source));
        }

        var text = _source.AsSpan(_token.Start, Math.Min(_token.Length, 40));
        return Fail(_token.Start, $"Unexpected `{text}` {where}.", SyntaxHints.For(_source, _token));
    }

    private Expr ParseMember()
    {
        var start = _token.Start;
        return ParsePostfix(ParsePrimary(), start);
    }

    private Expr ParsePostfix(Expr operand, int start)
    {
        while (true)
        {
            switch (_token.Kind)
            {
                case TokenKind.Dot:
                    Advance();
                    operand = ParseSelection(operand, start);
                    break;
                case TokenKind.OpenBracket:
                    var open = _token.Start;
                    Advance();
                    var isOptional = Accept(TokenKind.Question);
                    var index = ParseExpr();
                    var end = Expect(TokenKind.CloseBracket, "]", open);
                    operand = Track(new IndexExpr(start, end, operand, index, isOptional, isTest: false));
                    break;
                default:
                    return operand;
            }
        }
    }

    private Expr ParseSelection(Expr operand, int start)
    {
        var isOptional = Accept(TokenKind.Question);
        var name = _token;
        if (name.Kind == TokenKind.QuotedIdentifier)
        {
            Advance();
            return Track(new SelectExpr(start, name.End, operand, _source[(name.Start + 1)..(name.End - 1)], name.Start, isOptional, isTest: false));
        }

        if (name.Kind is not (TokenKind.Identifier or TokenKind.In or TokenKind.True or TokenKind.False or TokenKind.Null))
        {
            return Unexpected("where a field name should stand");
        }

        var text = _source.Substring(name.Start, name.Length);
        Advance();
        if (isOptional || _token.Kind != TokenKind.OpenParen)
        {
            return Track(new SelectExpr(start, name.End, operand, text, name.Start, isOptional, isTest: false));
        }

        var arguments = ParseArguments(out var end);
        return Call(new CallExpr(start, end, operand, text, name.Start, arguments));
    }

    private Expr[] ParseArguments(out int end)
    {
        var open = _token.Start;
        Advance();
        if (_token.Kind == TokenKind.CloseParen)
        {
            end = _token.End;
            Advance();
            return [];
        }

        var arguments = new List<Expr>(2);
        do
        {
            arguments.Add(ParseExpr());
        }
        while (Accept(TokenKind.Comma));
        end = Expect(TokenKind.CloseParen, ")", open);
        return [.. arguments];
    }

    private Expr Call(CallExpr call)
    {
        if (Issue is not null)
        {
            return call;
        }

        var expanded = MacroExpander.Expand(call, out var problem);
        if (problem is { } found)
        {
            return Fail(found.At, found.Message, found.Hint);
        }

        return Track(expanded ?? call);
    }
}
