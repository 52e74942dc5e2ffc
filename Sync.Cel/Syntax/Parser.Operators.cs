using System.Runtime.CompilerServices;

namespace Sync.Cel.Syntax;

internal sealed partial class Parser
{
    private Expr ParseExpr()
    {
        if (++_depth > _maxNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _depth--;
            return TooDeep(_token.Start);
        }

        var start = _token.Start;
        var condition = ParseLogic(isAnd: false);
        if (_token.Kind != TokenKind.Question)
        {
            _depth--;
            return condition;
        }

        var questionAt = _token.Start;
        Advance();
        var then = ParseLogic(isAnd: false);
        if (!Accept(TokenKind.Colon))
        {
            _depth--;
            return Fail(
                _token.Kind == TokenKind.End ? _source.Length : _token.Start,
                "`:` is missing after `?`.",
                SyntaxHints.Question(_source, questionAt));
        }

        var otherwise = ParseExpr();
        var result = Track(new ConditionalExpr(start, _end, condition, then, otherwise));
        _depth--;
        return result;
    }

    private Expr ParseLogic(bool isAnd)
    {
        var kind = isAnd ? TokenKind.And : TokenKind.Or;
        var start = _token.Start;
        var first = isAnd ? ParseRelation() : ParseLogic(isAnd: true);
        if (_token.Kind != kind)
        {
            return first;
        }

        var operands = new List<Expr> { first };
        while (Accept(kind))
        {
            operands.Add(isAnd ? ParseRelation() : ParseLogic(isAnd: true));
        }

        return Track(new LogicExpr(start, _end, isAnd, [.. operands]));
    }

    private Expr ParseRelation()
    {
        var start = _token.Start;
        var left = ParseArithmetic(isSum: true);
        while (_token.Kind is TokenKind.Equal or TokenKind.NotEqual or TokenKind.In
               or TokenKind.Less or TokenKind.LessEqual or TokenKind.Greater or TokenKind.GreaterEqual)
        {
            var op = _token;
            Advance();
            var right = ParseArithmetic(isSum: true);
            left = Track(new RelationExpr(start, _end, op.Kind, op.Start, left, right));
        }

        return left;
    }

    private Expr ParseArithmetic(bool isSum)
    {
        var start = _token.Start;
        var first = isSum ? ParseArithmetic(isSum: false) : ParseUnary();
        if (!IsOperator(isSum))
        {
            return first;
        }

        var operands = new List<Expr> { first };
        var operators = new List<TokenKind>();
        var places = new List<int>();
        while (IsOperator(isSum))
        {
            operators.Add(_token.Kind);
            places.Add(_token.Start);
            Advance();
            operands.Add(isSum ? ParseArithmetic(isSum: false) : ParseUnary());
        }

        return Track(new ArithmeticExpr(start, _end, [.. operators], [.. places], [.. operands]));
    }

    private bool IsOperator(bool isSum) => isSum
        ? _token.Kind is TokenKind.Plus or TokenKind.Minus
        : _token.Kind is TokenKind.Star or TokenKind.Slash or TokenKind.Percent;

    private Expr ParseUnary()
    {
        if (_token.Kind is not (TokenKind.Not or TokenKind.Minus))
        {
            return ParseMember();
        }

        var op = _token;
        Advance();
        if (op.Kind == TokenKind.Minus && _token.Kind is TokenKind.Int or TokenKind.Double && _token.Start == op.End)
        {
            return ParsePostfix(Number(op.Start), op.Start);
        }

        if (++_depth > _maxNesting)
        {
            _depth--;
            return TooDeep(op.Start);
        }

        var operand = ParseUnary();
        _depth--;
        return Track(new UnaryExpr(op.Start, _end, op.Kind, operand));
    }
}
