using Sync.Cel.Library;
using Sync.Cel.Syntax;

namespace Sync.Cel.Checking;

/// <summary>Dotted names: <c>math.abs</c>, <c>net.IP</c>, a variable declared as <c>a.b</c>.</summary>
internal static class QualifiedNames
{
    /// <summary>The name a chain of selections spells, or null when it is anything else or starts at a local variable.</summary>
    public static string? Of(Expr expr, Func<string, bool> isLocal) => expr switch
    {
        IdentExpr ident => ident.IsRooted || !isLocal(ident.Name) ? ident.Name : null,
        SelectExpr { IsOptional: false, IsTest: false } select => Of(select.Operand, isLocal) is { } outer ? outer + "." + select.Field : null,
        _ => null,
    };

    /// <summary>The first name of a chain of selections, or null.</summary>
    public static string? Root(Expr expr)
    {
        while (expr is SelectExpr { IsOptional: false, IsTest: false } select)
        {
            expr = select.Operand;
        }

        return expr is IdentExpr ident ? ident.Name : null;
    }

    /// <summary>The library function a call with a target names, or null when it is a method call.</summary>
    public static string? Library(CallExpr call, Func<string, bool> isLocal) =>
        call.Target is not null
        && Root(call.Target) is { } root && FunctionTable.Standard.IsNamespace(root)
        && Of(call.Target, isLocal) is { } library
        && FunctionTable.Standard.Find(library + "." + call.Name, isMethod: false) is not null
            ? library + "." + call.Name
            : null;
}
