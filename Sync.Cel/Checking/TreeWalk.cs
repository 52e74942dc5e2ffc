using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;

namespace Sync.Cel.Checking;

/// <summary>Visits every node of a tree, parents before children, in source order; not those there is no stack for.</summary>
internal static class TreeWalk
{
    public static void Visit(Expr expr, Action<Expr> look)
    {
        if (!StackGuard.HasRoom(expr))
        {
            return;
        }

        look(expr);
        foreach (var child in Children(expr))
        {
            Visit(child, look);
        }
    }

    public static IEnumerable<Expr> Children(Expr expr) => expr switch
    {
        SelectExpr select => [select.Operand],
        IndexExpr index => [index.Operand, index.Index],
        CallExpr call => call.Target is null ? call.Arguments : [call.Target, .. call.Arguments],
        ListExpr list => list.Items,
        MapExpr map => map.Keys.Zip(map.Values, (k, v) => new[] { k, v }).SelectMany(pair => pair),
        UnaryExpr unary => [unary.Operand],
        RelationExpr relation => [relation.Left, relation.Right],
        ArithmeticExpr arithmetic => arithmetic.Operands,
        LogicExpr logic => logic.Operands,
        ConditionalExpr choice => [choice.Condition, choice.Then, choice.Otherwise],
        ComprehensionExpr loop => loop.Filter is null ? [loop.Range, loop.Body] : [loop.Range, loop.Filter, loop.Body],
        BindExpr bind => [bind.Value, bind.Body],
        BlockExpr block => [.. block.Slots, block.Body],
        OptMapExpr optMap => [optMap.Target, optMap.Body],
        _ => [],
    };
}
