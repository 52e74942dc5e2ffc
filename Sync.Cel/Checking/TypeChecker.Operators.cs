using Sync.Cel.Library;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;
using Sync.Cel.Values;

namespace Sync.Cel.Checking;

internal sealed partial class TypeChecker
{
    private StaticType VisitLogic(LogicExpr logic)
    {
        foreach (var operand in logic.Operands)
        {
            NeedBool(operand, logic.IsAnd ? "&&" : "||");
        }

        return StaticType.Bool;
    }

    private void NeedBool(Expr expr, string name)
    {
        var type = Visit(expr);
        if (!type.IsOpen && type.Name != "bool")
        {
            Fail(expr, Errors.NotBool(name, type.Name));
        }
    }

    private StaticType VisitUnary(UnaryExpr unary)
    {
        var type = Visit(unary.Operand);
        var fits = type.IsOpen || (unary.Operator == TokenKind.Not ? type.Name == "bool" : type.Name is "int" or "double" or "duration");
        return fits ? type : Fail(unary, Errors.Unary(unary.Operator == TokenKind.Not ? "!" : "-", type.Name));
    }

    private StaticType VisitRelation(RelationExpr relation)
    {
        var left = Visit(relation.Left);
        var right = Visit(relation.Right);
        var fits = relation.Operator switch
        {
            TokenKind.Equal or TokenKind.NotEqual => true,
            TokenKind.In => right.IsOpen || right.Name is "list" or "map" || (right.Name == "null" && options.AbsentKeysAreNull),
            _ => IsOrdered(left) && IsOrdered(right) && (left.IsOpen || right.IsOpen || left.Name == right.Name || (left.IsNumber && right.IsNumber)),
        };
        if (!fits)
        {
            Fail(relation, Errors.Operator(TokenText.Of(relation.Operator), left.Name, right.Name));
        }
        else if (relation.Operator != TokenKind.In)
        {
            WarnOfTime(relation.Position, left, right, relation.Operator is TokenKind.Equal or TokenKind.NotEqual);
        }

        return StaticType.Bool;
    }

    // JSON has no times: what is stored as one is text, which never equals an instant and cannot be compared with it.
    private void WarnOfTime(int at, StaticType left, StaticType right, bool isEquality)
    {
        var (time, other) = IsTime(left) ? (left, right) : (right, left);
        if (IsTime(time) && (other.IsJson || (isEquality && other.Name is "string" or "int" or "double")))
        {
            var what = time.Name == "timestamp" ? "An instant" : "A duration";
            _warnings.Add(SourceText.Issue(
                source,
                at,
                isEquality ? $"{what} never equals what is stored as text or a number." : $"{what} goes with no text or number: this fails whenever it is evaluated.",
                $"Make the other side one too: `{time.Name}(x)`.",
                WarningAnalysis.TimeAsText));
        }
    }

    private static bool IsTime(StaticType type) => type.Name is "timestamp" or "duration";

    private static bool SelectsFrom(ComprehensionExpr loop)
    {
        var selects = false;
        foreach (var part in loop.Filter is null ? [loop.Body] : new[] { loop.Filter, loop.Body })
        {
            TreeWalk.Visit(part, expr => selects |= expr is SelectExpr { Operand: IdentExpr ident } && ident.Name == loop.First);
        }

        return selects;
    }

    private static bool IsOrdered(StaticType type) =>
        type.IsOpen || type.IsNumber || type.Name is "bool" or "string" or "bytes" or "timestamp" or "duration";

    private StaticType VisitArithmetic(ArithmeticExpr arithmetic)
    {
        var type = Visit(arithmetic.Operands[0]);
        for (var i = 0; i < arithmetic.Operators.Length; i++)
        {
            var next = Visit(arithmetic.Operands[i + 1]);
            var op = arithmetic.Operators[i];
            WarnOfTime(arithmetic.OperatorsAt[i], type, next, isEquality: false);
            type = Arithmetic(op, type, next)
                ?? FailAt(arithmetic.OperatorsAt[i], Errors.Operator(TokenText.Of(op), type.Name, next.Name));
        }

        return type;
    }

    private StaticType FailAt(int at, CelValue error)
    {
        _issue ??= SourceText.Issue(source, at, error.AsError.Message, error.AsError.Hint);
        return StaticType.Dyn;
    }

    private StaticType? Arithmetic(TokenKind op, StaticType left, StaticType right)
    {
        if (left.IsOpen || right.IsOpen)
        {
            return StaticType.Dyn;
        }

        return (op, left.Name, right.Name) switch
        {
            (not TokenKind.Percent, "double", "double") => left,
            (_, "int", "int") or (_, "uint", "uint") => left,
            (not TokenKind.Percent, "int", "double") or (not TokenKind.Percent, "double", "int") when options.MixedArithmetic => StaticType.Double,
            (TokenKind.Plus, "string", "string") or (TokenKind.Plus, "bytes", "bytes") => left,
            (TokenKind.Plus, "list", "list") => StaticType.Join(left, right),
            (TokenKind.Plus or TokenKind.Minus, "timestamp", "duration") => StaticType.Timestamp,
            (TokenKind.Plus, "duration", "timestamp") => StaticType.Timestamp,
            (TokenKind.Plus or TokenKind.Minus, "duration", "duration") => StaticType.Duration,
            (TokenKind.Minus, "timestamp", "timestamp") => StaticType.Duration,
            _ => null,
        };
    }

    private StaticType VisitConditional(ConditionalExpr choice)
    {
        NeedBool(choice.Condition, "? :");
        return StaticType.Join(Visit(choice.Then), Visit(choice.Otherwise));
    }

    private StaticType VisitList(ListExpr list)
    {
        var item = StaticType.Free;
        for (var i = 0; i < list.Items.Length; i++)
        {
            var type = Visit(list.Items[i]);
            item = StaticType.Join(item, list.IsOptional(i) ? Unwrapped(list.Items[i], type, "[?…]") : type);
        }

        return StaticType.List(item);
    }

    private StaticType VisitMap(MapExpr map)
    {
        var (key, value) = (StaticType.Free, StaticType.Free);
        for (var i = 0; i < map.Keys.Length; i++)
        {
            var keyType = Visit(map.Keys[i]);
            if (!keyType.IsOpen && keyType.Name is not ("string" or "int" or "uint" or "bool"))
            {
                Fail(map.Keys[i], Errors.NotAKey(keyType.Name));
            }

            var type = Visit(map.Values[i]);
            key = StaticType.Join(key, keyType);
            value = StaticType.Join(value, map.IsOptional(i) ? Unwrapped(map.Values[i], type, "{?…}") : type);
        }

        return StaticType.Map(key, value);
    }

    private StaticType Unwrapped(Expr at, StaticType type, string name) =>
        type.Name == "optional" ? type.Parameters[0] : type.IsOpen ? StaticType.Dyn : Fail(at, Errors.Unary(name, type.Name));

    private StaticType VisitLoop(ComprehensionExpr loop)
    {
        var range = Visit(loop.Range);
        if (!range.IsOpen && range.Name is not ("list" or "map"))
        {
            return Fail(loop.Range, Errors.NotIterable(loop.Name, range.Name));
        }

        if (ReferenceEquals(range, StaticType.JsonMap) && loop.Second is null && SelectsFrom(loop))
        {
            _warnings.Add(SourceText.Issue(
                source, loop.Range.End, $"On a map `{loop.Name}` runs over the keys, and a key has no fields.", $"Write `{source.Insert(loop.Range.End, ".values()")}`.", WarningAnalysis.KeysAsValues));
        }

        var item = range.IsOpen ? range.IsJson ? StaticType.Json : StaticType.Dyn : range.Parameters[0];
        var key = range.Name switch { "list" => StaticType.Int, "map" => item, _ => StaticType.Dyn };
        var outer = _scope;
        _scope = new Scope(loop.First, loop.Second is null ? item : key, _scope);
        if (loop.Second is not null)
        {
            _scope = new Scope(loop.Second, range.IsOpen ? item : range.Parameters[^1], _scope);
        }

        if (loop.Filter is not null)
        {
            NeedBool(loop.Filter, loop.Name);
        }

        var result = StaticType.Bool;
        switch (loop.Kind)
        {
            case ComprehensionKind.Filter:
                NeedBool(loop.Body, loop.Name);
                result = StaticType.List(item);
                break;
            case ComprehensionKind.MapList:
                result = StaticType.List(Visit(loop.Body));
                break;
            case ComprehensionKind.SortBy:
                Visit(loop.Body);
                result = StaticType.List(item);
                break;
            case ComprehensionKind.TransformMap:
                result = StaticType.Map(key, Visit(loop.Body));
                break;
            case ComprehensionKind.TransformMapEntry:
                var entries = Visit(loop.Body);
                result = entries.Name == "map" || entries.IsOpen ? entries : Fail(loop.Body, Errors.NotEntries(loop.Name, entries.Name));
                break;
            default:
                NeedBool(loop.Body, loop.Name);
                break;
        }

        _scope = outer;
        return result;
    }
}
