using System.Text;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;

namespace Sync.Cel.Tests;

/// <summary>A tree as source text again, with brackets wherever an operand is no primary.</summary>
internal sealed class ExprPrinter
{
    private readonly StringBuilder _text = new();

    public static string Print(Expr expr)
    {
        var printer = new ExprPrinter();
        printer.Append(expr);
        return printer._text.ToString();
    }

    private ExprPrinter Append(Expr expr)
    {
        switch (expr)
        {
            case ConstantExpr constant:
                _text.Append(constant.Value);
                break;
            case IdentExpr ident:
                _text.Append(ident.IsRooted ? "." : "").Append(ident.Name);
                break;
            case SelectExpr { IsTest: true } select:
                _text.Append("has(");
                Operand(select.Operand);
                _text.Append(select.IsOptional ? ".?" : ".").Append(Field(select.Field)).Append(')');
                break;
            case SelectExpr select:
                Operand(select.Operand)._text.Append(select.IsOptional ? ".?" : ".").Append(Field(select.Field));
                break;
            case IndexExpr index:
                _text.Append(index.IsTest ? "has(" : "");
                Operand(index.Operand)._text.Append(index.IsOptional ? "[?" : "[");
                Append(index.Index)._text.Append(index.IsTest ? "])" : "]");
                break;
            case CallExpr call:
                Call(call.Target, call.Name, call.Arguments);
                break;
            case UnaryExpr unary:
                _text.Append(unary.Operator == TokenKind.Not ? "!(" : "-(");
                Append(unary.Operand)._text.Append(')');
                break;
            case RelationExpr relation:
                Operand(relation.Left)._text.Append(' ').Append(Text(relation.Operator)).Append(' ');
                Operand(relation.Right);
                break;
            case ArithmeticExpr arithmetic:
                Operand(arithmetic.Operands[0]);
                for (var i = 0; i < arithmetic.Operators.Length; i++)
                {
                    _text.Append(Text(arithmetic.Operators[i]));
                    Operand(arithmetic.Operands[i + 1]);
                }

                break;
            case LogicExpr logic:
                Operand(logic.Operands[0]);
                foreach (var operand in logic.Operands.Skip(1))
                {
                    _text.Append(logic.IsAnd ? "&&" : "||");
                    Operand(operand);
                }

                break;
            case ConditionalExpr choice:
                Operand(choice.Condition)._text.Append('?');
                Operand(choice.Then)._text.Append(':');
                Operand(choice.Otherwise);
                break;
            case ListExpr list:
                List(list.Items, list.IsOptional);
                break;
            case MapExpr map:
                Map(map);
                break;
            case ComprehensionExpr loop:
                Expr?[] parts = [Name(loop.First), loop.Second is null ? null : Name(loop.Second), loop.Filter, loop.Body];
                Call(loop.Range, loop.Name, [.. parts.OfType<Expr>()]);
                break;
            case BindExpr bind:
                Call(Name("cel"), "bind", [Name(bind.Name), bind.Value, bind.Body]);
                break;
            case OptMapExpr optMap:
                Call(optMap.Target, optMap.IsFlat ? "optFlatMap" : "optMap", [Name(optMap.Name), optMap.Body]);
                break;
            default:
                throw new InvalidOperationException(expr.GetType().Name);
        }

        return this;
    }

    private static IdentExpr Name(string name) => new(0, 0, name, isRooted: false);

    private static string Field(string field) => field.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? field : $"`{field}`";

    private static string Text(TokenKind op) => op switch
    {
        TokenKind.Equal => "==",
        TokenKind.NotEqual => "!=",
        TokenKind.Less => "<",
        TokenKind.LessEqual => "<=",
        TokenKind.Greater => ">",
        TokenKind.GreaterEqual => ">=",
        TokenKind.In => "in",
        TokenKind.Plus => "+",
        TokenKind.Minus => "-",
        TokenKind.Star => "*",
        TokenKind.Slash => "/",
        _ => "%",
    };

    private ExprPrinter Operand(Expr expr)
    {
        var isPrimary = expr is IdentExpr or SelectExpr or IndexExpr or CallExpr or ListExpr or MapExpr or ComprehensionExpr or BindExpr or OptMapExpr
            || expr is ConstantExpr { Value.IsNumber: false };
        _text.Append(isPrimary ? "" : "(");
        Append(expr)._text.Append(isPrimary ? "" : ")");
        return this;
    }

    private void Call(Expr? target, string name, Expr[] arguments)
    {
        if (target is not null)
        {
            Operand(target)._text.Append('.');
        }

        _text.Append(name).Append('(');
        Items(arguments, _ => false);
        _text.Append(')');
    }

    private void List(Expr[] items, Func<int, bool> isOptional)
    {
        _text.Append('[');
        Items(items, isOptional);
        _text.Append(']');
    }

    private void Items(Expr[] items, Func<int, bool> isOptional)
    {
        for (var i = 0; i < items.Length; i++)
        {
            _text.Append(i == 0 ? "" : ", ").Append(isOptional(i) ? "?" : "");
            Append(items[i]);
        }
    }

    private void Map(MapExpr map)
    {
        _text.Append('{');
        for (var i = 0; i < map.Keys.Length; i++)
        {
            _text.Append(i == 0 ? "" : ", ").Append(map.IsOptional(i) ? "?" : "");
            Append(map.Keys[i])._text.Append(": ");
            Append(map.Values[i]);
        }

        _text.Append('}');
    }
}
