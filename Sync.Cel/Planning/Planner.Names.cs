using Sync.Cel.Checking;
using Sync.Cel.Library;
using Sync.Cel.Syntax;
using Sync.Cel.Values;

namespace Sync.Cel.Planning;

internal sealed partial class Planner
{
    private int _comparedAt = -1;

    private PlanNode PlanName(IdentExpr ident)
    {
        var local = ident.IsRooted ? -1 : FindLocal(ident.Name);
        if (local >= 0)
        {
            return new LocalNode(local);
        }

        var slot = variables.Find(ident.Name);
        if (slot >= 0)
        {
            return new VariableNode(slot);
        }

        return TypeNames.All.Contains(ident.Name) ? new ConstantNode(CelValue.Type(ident.Name)) : UnknownName(ident);
    }

    private PlanNode PlanSelect(SelectExpr select)
    {
        // `a.b` may be one name: a variable declared so, or a type such as net.IP.
        if (!select.IsTest && !select.IsOptional && (variables.HasDots || QualifiedNames.Root(select) is "google" or "net") && QualifiedNames.Of(select, IsLocal) is { } name)
        {
            var slot = variables.Find(name);
            if (slot >= 0)
            {
                return new VariableNode(slot);
            }

            if (TypeNames.All.Contains(name))
            {
                return new ConstantNode(CelValue.Type(name));
            }
        }

        var operand = Plan(select.Operand);
        if (select.IsTest)
        {
            // `has(a.?b.c)` tests through the optional, as does `has(a.?b)`.
            return Fold(new HasFieldNode(operand, select.Field, AbsentIsNull), operand is ConstantNode);
        }

        if (select.IsOptional)
        {
            return Fold(new OptionalSelectNode(operand, select.Field, AbsentIsNull), operand is ConstantNode);
        }

        return operand switch
        {
            VariableNode variable => new PathNode(variable.Slot, [select.Field], AbsentIsNull),
            PathNode path => path.Then(select.Field),
            _ => Fold(new SelectNode(operand, select.Field, AbsentIsNull), operand is ConstantNode),
        };
    }

    private PlanNode PlanIndex(IndexExpr index)
    {
        var operand = Plan(index.Operand);
        var at = Plan(index.Index);
        if (at is ConstantNode { Value.Kind: CelKind.String } key && !index.IsOptional && !index.IsTest)
        {
            // m["k"] is m.k for a map; anything else fails either way, only in other words.
            switch (operand)
            {
                case VariableNode variable:
                    return new PathNode(variable.Slot, [key.Value.AsString], AbsentIsNull);
                case PathNode path:
                    return path.Then(key.Value.AsString);
            }
        }

        return Fold(new IndexNode(operand, at, index.IsOptional, index.IsTest, AbsentIsNull), operand is ConstantNode && at is ConstantNode);
    }

    private PlanNode UnknownName(IdentExpr ident)
    {
        var name = ident.Name;
        if (name.StartsWith("@index", StringComparison.Ordinal))
        {
            return Unresolved(ident.Position, "`cel.index` stands for no earlier slot of a `cel.block`.", "Slots count from 0 and see only those before them.");
        }

        return Unresolved(ident.Position, $"Unknown name `{name}`.", NameHint(ident));
    }

    private string? NameHint(IdentExpr ident)
    {
        if (SyntaxHints.UnknownName(ident.Name) is { } habit)
        {
            return habit;
        }

        if (FunctionTable.Standard.Find(ident.Name, isMethod: false) is { } functions)
        {
            return $"It is a function: {CallErrors.Expected(functions)}.";
        }

        if (FunctionTable.Standard.IsNamespace(ident.Name) || ident.Name == "cel")
        {
            return $"It is a library; call one of its functions, as in `{ident.Name}.{SampleOf(ident.Name)}`.";
        }

        var quotes = _comparedAt == ident.Start ? $"Text needs quotes: \"{ident.Name}\"." : null;
        return DidYouMean.Nearest(ident.Name, LocalNames().Concat(variables.Names)) is { } near
            ? $"Did you mean `{near}`?{(quotes is null ? "" : " " + quotes)}"
            : quotes ?? (variables.Names.IsEmpty ? null : $"Names here: {string.Join(", ", LocalNames().Concat(variables.Names))}.");
    }

    private static string SampleOf(string library) => library switch
    {
        "cel" => "bind(x, value, …)",
        _ => FunctionTable.Standard.FunctionNames.Where(n => n.StartsWith(library + ".", StringComparison.Ordinal)).Order().First()[(library.Length + 1)..] + "(…)",
    };

    private IEnumerable<string> LocalNames()
    {
        for (var scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Name[0] != '@')
            {
                yield return scope.Name;
            }
        }
    }
}
