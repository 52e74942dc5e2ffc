using System.Collections.Immutable;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;

namespace Sync.Cel.Checking;

/// <content>Calls, <c>in</c>, and what binds names.</content>
internal sealed partial class DependencyAnalysis
{
    private ImmutableArray<CelPath> VisitCall(CallExpr call)
    {
        switch (call.Target is null ? call.Name : QualifiedNames.Library(call, IsLocal), call.Arguments)
        {
            case ("dyn" or "optional.of", [var only]):
                return Visit(only);
            case ("size", [var only]):
                Read(Visit(only), keysOnly: true);
                return [];
        }

        switch (call.Name, call.Target, call.Arguments)
        {
            case ("size" or "keys", { } target, []):
                Read(Visit(target), keysOnly: true);
                return [];
            case ("orValue" or "or", { } target, [var other]):
                return Either(Visit(target), Visit(other));
            case ("value", { } target, []):
                return Visit(target);
        }

        // A library's name is no variable, so visiting it as a target reads nothing.
        if (call.Target is not null)
        {
            Read(Visit(call.Target));
        }

        ReadAll(call.Arguments);
        return [];
    }

    private ImmutableArray<CelPath> VisitBind(string[] names, Expr[] values, Expr body)
    {
        var outer = _scope;
        for (var i = 0; i < names.Length; i++)
        {
            _scope = new Scope(names[i], Visit(values[i]), _scope);
        }

        var aliases = Visit(body);
        _scope = outer;
        return aliases;
    }

    private ImmutableArray<CelPath> VisitOptMap(OptMapExpr optMap)
    {
        // Whether there is a value decides the result even where the body ignores the value.
        var target = Visit(optMap.Target);
        Read(target, keysOnly: true);
        var outer = _scope;
        _scope = new Scope(optMap.Name, target, _scope);
        var aliases = Visit(optMap.Body);
        _scope = outer;
        return aliases;
    }

    private void VisitIn(RelationExpr relation)
    {
        var container = Visit(relation.Right);
        if (relation.Left is ConstantExpr or IdentExpr)
        {
            // A string key in a map: only that entry. Where the value is a list, the list as a whole is above the path.
            Read(At(container, relation.Left));
            return;
        }

        Read(Visit(relation.Left));
        Read(container);
    }

    private void VisitLoop(ComprehensionExpr loop)
    {
        var range = Visit(loop.Range);
        var outer = _scope;

        // Over a map, one variable is the key: the loop depends on the keys alone. Over a list the list is one value, changed as a whole.
        var first = new Scope(loop.First, [], _scope);
        var second = loop.Second is null ? null : new Scope(loop.Second, [], first);
        _scope = second ?? first;
        if (loop.Filter is not null)
        {
            Read(Visit(loop.Filter));
        }

        Read(Visit(loop.Body));
        _scope = outer;
        Read(range, keysOnly: second is not { IsUsed: true });
    }
}
