using Sync.Cel.Values;

namespace Sync.Cel.Syntax.Macros;

/// <summary>The macros of the <c>cel</c> namespace: bind, and an optimiser's block, index, iterVar and accuVar.</summary>
internal static class CelMacros
{
    public static Expr? Expand(CallExpr call, out MacroExpander.Problem? problem)
    {
        problem = null;
        switch (call.Name, call.Arguments)
        {
            case ("bind", [var variable, var value, var body]) when MacroExpander.TryName(variable, out var name):
                return new BindExpr(call.Start, call.End, name, value, body);
            case ("block", [ListExpr { HasOptional: false } slots, var body]):
                return new BlockExpr(call.Start, call.End, slots.Items, body);
            case ("index", [ConstantExpr { Value: { Kind: CelKind.Int, AsInt: >= 0 } index }]):
                return new IdentExpr(call.Start, call.End, BlockExpr.SlotName(index.AsInt), isRooted: false);
            case ("iterVar" or "accuVar", [ConstantExpr { Value.Kind: CelKind.Int } depth, ConstantExpr { Value.Kind: CelKind.Int } unique]):
                return new IdentExpr(call.Start, call.End, $"@{call.Name}{depth.Value.AsInt}:{unique.Value.AsInt}", isRooted: false);
            case ("bind", _):
                problem = new MacroExpander.Problem(call.Position, "`cel.bind` takes a name, a value and an expression.", "Write `cel.bind(x, size(list), x > 1 && x < 5)`.");
                return null;
            case ("block", _):
                problem = new MacroExpander.Problem(call.Position, "`cel.block` takes a list of expressions and an expression.", "Write `cel.block([a, cel.index(0) + 1], cel.index(1))`.");
                return null;
            case ("index", _):
                problem = new MacroExpander.Problem(call.Position, "`cel.index` takes the number of a slot.", "Write `cel.index(0)`.");
                return null;
            default:
                return null;
        }
    }
}
