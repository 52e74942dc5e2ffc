namespace Sync.Cel.Syntax.Macros;

/// <summary>
/// Turns calls that are macros into the nodes they stand for. A call whose shape fits no macro stays a call, except where only
/// the macro can have been meant. To add a macro: a case in <see cref="Expand"/>, a node or kind, its plan node, dependencies
/// and printing.
/// </summary>
internal static class MacroExpander
{
    /// <summary>Why a macro cannot be expanded.</summary>
    internal readonly record struct Problem(int At, string Message, string? Hint);

    /// <summary>The expansion, or null when the call is no macro.</summary>
    public static Expr? Expand(CallExpr call, out Problem? problem)
    {
        problem = null;
        if (call.Target is null)
        {
            return call.Name == "has" ? Has(call, out problem) : null;
        }

        if (call.Target is IdentExpr { Name: "cel", IsRooted: false })
        {
            return CelMacros.Expand(call, out problem);
        }

        return call.Name switch
        {
            "all" => Loop(call, ComprehensionKind.All, 2, 3, filter: false, out problem),
            "exists" => Loop(call, ComprehensionKind.Exists, 2, 3, filter: false, out problem),
            "exists_one" or "existsOne" => Loop(call, ComprehensionKind.ExistsOne, 2, 3, filter: false, out problem),
            "filter" => Loop(call, ComprehensionKind.Filter, 2, 2, filter: false, out problem),
            "map" => Loop(call, ComprehensionKind.MapList, 2, 3, filter: true, out problem),
            "transformList" => Loop(call, ComprehensionKind.MapList, 3, 4, filter: true, out problem),
            "transformMap" => Loop(call, ComprehensionKind.TransformMap, 3, 4, filter: true, out problem),
            "transformMapEntry" => Loop(call, ComprehensionKind.TransformMapEntry, 3, 4, filter: true, out problem),
            "sortBy" => Loop(call, ComprehensionKind.SortBy, 2, 2, filter: false, out problem),
            "optMap" or "optFlatMap" => OptMap(call, out problem),
            _ => null,
        };
    }

    /// <summary>The name a macro argument declares: a plain identifier, or the test syntax <c>cel.iterVar(i, j)</c>.</summary>
    public static bool TryName(Expr argument, out string name)
    {
        name = argument is IdentExpr { IsRooted: false } ident ? ident.Name : "";
        return name.Length > 0;
    }

    private static Expr? Has(CallExpr call, out Problem? problem)
    {
        problem = null;
        switch (call.Arguments)
        {
            case [SelectExpr { IsTest: false } select]:
                return select.AsTest(call.Start, call.End);
            case [IndexExpr { IsTest: false } index]:
                return index.AsTest(call.Start, call.End);
            default:
                problem = new Problem(
                    call.Arguments is [var only] ? only.Position : call.Position,
                    "`has` takes one selection.",
                    call.Arguments is [IdentExpr] ? "A variable is always there; test a key of it: `has(m.k)`." : "Write `has(m.k)` or `has(m[\"k\"])`.");
                return null;
        }
    }

    // One variable takes 2 arguments (3 with the filter of `map`), two variables take 3 (4 with a filter).
    private static ComprehensionExpr? Loop(CallExpr call, ComprehensionKind kind, int least, int max, bool filter, out Problem? problem)
    {
        problem = null;
        var arguments = call.Arguments;
        var twoVariables = least == 3 || (!filter && arguments.Length == 3);
        var example = $"`list.{call.Name}({(least == 3 ? "i, v" : "x")}, {Sample(kind)})`";
        if (arguments.Length < least || arguments.Length > max)
        {
            var hint = arguments.Length == 1
                ? $"The first argument names the variable: {example}."
                : $"Write {example}.";
            problem = new Problem(call.Position, $"`{call.Name}` takes {least}{(least == max ? "" : $" or {max}")} arguments, got {arguments.Length}.", hint);
            return null;
        }

        string? second = null;
        if (!TryName(arguments[0], out var first) || (twoVariables && !TryName(arguments[1], out second)))
        {
            var bad = first.Length == 0 ? arguments[0] : arguments[1];
            problem = new Problem(bad.Position, $"`{call.Name}` needs a variable name here.", $"Write {example}.");
            return null;
        }

        if (first == second)
        {
            problem = new Problem(arguments[1].Position, $"The variables of `{call.Name}` need different names.", $"Write {example}.");
            return null;
        }

        var next = twoVariables ? 2 : 1;
        var condition = filter && arguments.Length == max ? arguments[next++] : null;

        // The target stands: Expand saw it.
        return new ComprehensionExpr(call.Start, call.End, kind, call.Name, call.Target!, first, second, condition, arguments[next]);
    }

    private static OptMapExpr? OptMap(CallExpr call, out Problem? problem)
    {
        problem = null;
        if (call.Arguments.Length != 2 || !TryName(call.Arguments[0], out var name))
        {
            problem = new Problem(call.Position, $"`{call.Name}` takes a variable name and an expression.", $"Write `m.?k.{call.Name}(v, {(call.Name == "optMap" ? "v + 1" : "v.?inner")})`.");
            return null;
        }

        return new OptMapExpr(call.Start, call.End, call.Target!, name, call.Arguments[1], isFlat: call.Name == "optFlatMap");
    }

    private static string Sample(ComprehensionKind kind) => kind switch
    {
        ComprehensionKind.MapList or ComprehensionKind.SortBy => "x.name",
        ComprehensionKind.TransformMap => "v + 1",
        ComprehensionKind.TransformMapEntry => "{v: i}",
        _ => "x > 1",
    };
}
