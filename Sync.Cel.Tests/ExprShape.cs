using System.Text;
using Sync.Cel.Checking;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;

namespace Sync.Cel.Tests;

/// <summary>A tree's structure as text, every node by its type and its own properties, to compare trees without their positions.</summary>
internal static class ExprShape
{
    public static string Of(Expr expr)
    {
        var text = new StringBuilder();
        Append(text, expr);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Expr expr)
    {
        text.Append('(').Append(expr.GetType().Name).Append(' ').Append(Own(expr));
        foreach (var child in TreeWalk.Children(expr))
        {
            Append(text, child);
        }

        text.Append(')');
    }

    private static string Own(Expr expr) => expr switch
    {
        ConstantExpr constant => $"{constant.Value.Kind} {constant.Value}",
        IdentExpr ident => $"{ident.Name} {ident.IsRooted}",
        SelectExpr select => $"{select.Field} {select.IsOptional} {select.IsTest}",
        IndexExpr index => $"{index.IsOptional} {index.IsTest}",
        CallExpr call => $"{call.Name} {call.Target is null}",
        ListExpr list => string.Concat(list.Items.Select((_, i) => list.IsOptional(i) ? '?' : '.')),
        MapExpr map => string.Concat(map.Keys.Select((_, i) => map.IsOptional(i) ? '?' : '.')),
        UnaryExpr unary => unary.Operator.ToString(),
        RelationExpr relation => relation.Operator.ToString(),
        ArithmeticExpr arithmetic => string.Join(' ', arithmetic.Operators),
        LogicExpr logic => logic.IsAnd.ToString(),
        ComprehensionExpr loop => $"{loop.Kind} {loop.Name} {loop.First} {loop.Second} {loop.Filter is null}",
        BindExpr bind => bind.Name,
        OptMapExpr optMap => $"{optMap.Name} {optMap.IsFlat}",
        _ => "",
    };
}
