using Sync.Cel.Values;

namespace Sync.Cel.Syntax;

internal sealed partial class Parser
{
    private static readonly HashSet<string> s_reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    ];

    /// <summary>Whether a name may not stand for a value.</summary>
    public static bool IsReserved(string name) => s_reserved.Contains(name);

    private Expr ParsePrimary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                return Name(token.Start, isRooted: false);
            case TokenKind.Dot:
                Advance();
                return _token.Kind == TokenKind.Identifier ? Name(token.Start, isRooted: true) : Unexpected("where a name should stand");
            case TokenKind.OpenParen:
                Advance();
                var inner = ParseExpr();
                Expect(TokenKind.CloseParen, ")", token.Start);
                return inner;
            case TokenKind.OpenBracket:
                return ParseList();
            case TokenKind.OpenBrace:
                return ParseMap();
            case TokenKind.True or TokenKind.False:
                return Constant(token, CelValue.Of(token.Kind == TokenKind.True));
            case TokenKind.Null:
                return Constant(token, CelValue.Null);
            case TokenKind.Int or TokenKind.UInt or TokenKind.Double:
                return Number(-1);
            case TokenKind.String or TokenKind.Bytes:
                return LiteralReader.TryText(_source, token, out var text, out var badAt, out var problem)
                    ? Constant(token, text)
                    : Fail(badAt, problem, null);
            default:
                return Unexpected("where a value should stand");
        }
    }

    private Expr Constant(Token token, CelValue value)
    {
        Advance();
        return Track(new ConstantExpr(token.Start, token.End, value));
    }

    /// <summary>A number; <paramref name="minusAt"/> is the place of the sign directly before it, or -1.</summary>
    private Expr Number(int minusAt)
    {
        var token = _token;
        if (!LiteralReader.TryNumber(_source.AsSpan(token.Start, token.Length), token.Kind, minusAt >= 0, out var value))
        {
            return Fail(token.Start, "The number is out of range.", "int is 64-bit; write larger whole numbers as uint (`…u`) or double (`… .0`).");
        }

        Advance();
        return Track(new ConstantExpr(minusAt >= 0 ? minusAt : token.Start, token.End, value));
    }

    private Expr Name(int start, bool isRooted)
    {
        var token = _token;
        var name = _source.Substring(token.Start, token.Length);
        if (s_reserved.Contains(name))
        {
            return Fail(token.Start, $"`{name}` is a reserved word.", SyntaxHints.Reserved(name));
        }

        Advance();
        if (_token.Kind == TokenKind.OpenParen)
        {
            var arguments = ParseArguments(out var end);
            return Call(new CallExpr(start, end, target: null, name, token.Start, arguments));
        }

        return Track(new IdentExpr(start, token.End, name, isRooted));
    }

    private Expr ParseList()
    {
        var open = _token.Start;
        Advance();
        var items = new List<Expr>();
        List<bool>? optional = null;

        // CEL.g4: '[' elems=listInit? ','? ']', so that a comma may stand alone.
        var isEmpty = _token.Kind == TokenKind.Comma && Accept(TokenKind.Comma);
        while (!isEmpty && _token.Kind is not (TokenKind.CloseBracket or TokenKind.End))
        {
            var isOptional = Accept(TokenKind.Question);
            if (isOptional)
            {
                optional ??= [.. Enumerable.Repeat(false, items.Count)];
            }

            optional?.Add(isOptional);
            items.Add(ParseExpr());
            if (!Accept(TokenKind.Comma))
            {
                break;
            }
        }

        var end = Expect(TokenKind.CloseBracket, "]", open);
        return Track(new ListExpr(open, end, [.. items], optional?.ToArray()));
    }

    private Expr ParseMap()
    {
        var open = _token.Start;
        Advance();
        var keys = new List<Expr>();
        var values = new List<Expr>();
        var optional = new List<bool>();
        var isEmpty = _token.Kind == TokenKind.Comma && Accept(TokenKind.Comma);
        while (!isEmpty && _token.Kind is not (TokenKind.CloseBrace or TokenKind.End))
        {
            if (_token.Kind == TokenKind.OpenBrace && keys.Count == 0 && _token.Start == open + 1)
            {
                return Fail(open, "`{{…}}` is not part of CEL.", SyntaxHints.Template);
            }

            optional.Add(Accept(TokenKind.Question));
            keys.Add(ParseExpr());
            if (!Accept(TokenKind.Colon))
            {
                return _token.Kind == TokenKind.End && Issue is not null
                    ? new FaultyExpr(open)
                    : Fail(_token.Start, "`:` is missing after a map key.", "A map is `{\"key\": value}`; CEL has no sets and no blocks.");
            }

            values.Add(ParseExpr());
            if (!Accept(TokenKind.Comma))
            {
                break;
            }
        }

        var end = Expect(TokenKind.CloseBrace, "}", open);
        if (Issue is not null)
        {
            return new FaultyExpr(open);
        }

        return Track(new MapExpr(open, end, [.. keys], [.. values], optional.Contains(true) ? [.. optional] : null));
    }
}
