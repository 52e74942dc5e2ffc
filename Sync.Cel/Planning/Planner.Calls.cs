using Sync.Cel.Checking;
using Sync.Cel.Library;
using Sync.Cel.RegularExpressions;
using Sync.Cel.Syntax;
using Sync.Cel.Values;

namespace Sync.Cel.Planning;

internal sealed partial class Planner
{
    private PlanNode PlanCall(CallExpr call)
    {
        if (call.Target is null)
        {
            return Resolve(call, call.Name, isMethod: false, call.Arguments);
        }

        // math.abs(x): a library's function, unless the first name is a local variable.
        if (QualifiedNames.Library(call, IsLocal) is { } name)
        {
            return Resolve(call, name, isMethod: false, call.Arguments);
        }

        if (QualifiedNames.Root(call.Target) is { } root && FunctionTable.Standard.IsNamespace(root) && !IsLocal(root) && variables.Find(root) < 0)
        {
            PlanAll(call.Arguments, out _);
            return UnknownFunction(call, (QualifiedNames.Of(call.Target, IsLocal) ?? root) + "." + call.Name, isMethod: false);
        }

        return Resolve(call, call.Name, isMethod: true, [call.Target, .. call.Arguments]);
    }

    private PlanNode Resolve(CallExpr call, string name, bool isMethod, Expr[] arguments)
    {
        var functions = FunctionTable.Standard.Find(name, isMethod);
        if (functions is null)
        {
            // Problems inside the receiver come first: they stand to the left.
            if (isMethod && call.Target is not null)
            {
                Plan(call.Target);
            }

            return UnknownFunction(call, name, isMethod);
        }

        CelFunction? function = null;
        foreach (var candidate in functions)
        {
            if (candidate.Arity == arguments.Length || (candidate.Arity < 0 && arguments.Length > 0))
            {
                function = candidate;
            }
        }

        var nodes = PlanAll(arguments, out var constant);
        if (function is null)
        {
            var given = arguments.Length - (isMethod ? 1 : 0);
            return Unresolved(
                call.Position,
                $"No such overload: `{name}` does not take {given} argument{(given == 1 ? "" : "s")}.",
                $"It is {CallErrors.Expected(functions)}.");
        }

        if (function.Name == "matches" && nodes[1] is ConstantNode { Value.Kind: CelKind.String } pattern)
        {
            return PlanMatches(arguments[1], nodes[0], pattern.Value.AsString, constant);
        }

        return Fold(CallNodes.Create(function, nodes), constant);
    }

    private PlanNode PlanMatches(Expr at, PlanNode text, string pattern, bool constant)
    {
        var compiled = CelPattern.TryCompile(pattern, _patterns, out var problem);
        if (compiled is not null)
        {
            Weight += compiled.Bytes;
            return Fold(new MatchesNode(text, compiled), constant);
        }

        if (problem is not null)
        {
            return Unresolved(at.Position, problem, "Patterns are RE2; write backslashes in a raw string: r\"\\d+\".");
        }

        Issue ??= SourceText.Issue(source, at.Position, "The patterns of the expression are too large together.", "Use smaller counts and classes, or fewer patterns.", Errors.LimitCode);
        return new ConstantNode(CelValue.Null);
    }

    private PlanNode UnknownFunction(CallExpr call, string name, bool isMethod)
    {
        var what = isMethod ? "method" : "function";
        return Unresolved(call.Position, $"Unknown {what} `{name}`.", FunctionHint(call, name, isMethod));
    }

    private string? FunctionHint(CallExpr call, string name, bool isMethod)
    {
        var table = FunctionTable.Standard;
        if (table.Find(name, !isMethod) is { } others)
        {
            return $"It is {CallErrors.Expected(others)}.";
        }

        if (IsMacro(name))
        {
            return $"It is called on a list or map: `list.{name}(x, …)`.";
        }

        if (CallErrors.Habit(call.Name, isMethod) is { } habit)
        {
            return habit;
        }

        if (!isMethod && variables.Find(name) >= 0)
        {
            return $"`{name}` is a value, not a function.";
        }

        var near = DidYouMean.Nearest(name, isMethod ? table.MethodNames.Concat(s_macros) : table.FunctionNames.Append("has"));
        return near is not null ? $"Did you mean `{near}`?"
            : isMethod && DidYouMean.Nearest(name, table.FunctionNames) is { } function ? $"Did you mean `{function}(…)`?"
            : null;
    }

    private static readonly string[] s_macros =
        ["all", "exists", "exists_one", "map", "filter", "sortBy", "transformList", "transformMap", "transformMapEntry", "optMap", "optFlatMap"];

    private static bool IsMacro(string name) => s_macros.Contains(name);
}
