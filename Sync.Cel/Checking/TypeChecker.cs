using System.Collections.Immutable;
using Sync.Cel.Library;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;
using Sync.Cel.Values;

namespace Sync.Cel.Checking;

/// <summary>
/// A gradual checker: whatever is not known is <c>dyn</c> and passes, so it only reports what could never succeed. Equality is not
/// checked, as any two values may be compared. Names are resolved already, by the planner.
/// </summary>
internal sealed partial class TypeChecker(VariableTable variables, CelOptions options, string source)
{
    private Scope? _scope;
    private readonly List<CelIssue> _warnings = [];
    private CelIssue? _issue;

    /// <summary>The type of the expression's value; the issue when it can have none; spots that will not do what they say.</summary>
    public static StaticType Check(string source, Expr tree, VariableTable variables, CelOptions options, out CelIssue? issue, out ImmutableArray<CelIssue> warnings)
    {
        var checker = new TypeChecker(variables, options, source);
        var type = checker.Visit(tree).Closed();
        issue = checker._issue;
        warnings = [.. checker._warnings];
        return type;
    }

    // Without room to look further nothing is known, and nothing is wrong.
    private StaticType Visit(Expr expr) => StackGuard.HasRoom(expr) ? VisitAny(expr) : StaticType.Dyn;

    private StaticType VisitAny(Expr expr) => expr switch
    {
        ConstantExpr constant => StaticType.Of(constant.Value),
        IdentExpr ident => VisitName(ident),
        SelectExpr select => VisitSelect(select),
        IndexExpr index => VisitIndex(index),
        CallExpr call => VisitCall(call),
        LogicExpr logic => VisitLogic(logic),
        UnaryExpr unary => VisitUnary(unary),
        RelationExpr relation => VisitRelation(relation),
        ArithmeticExpr arithmetic => VisitArithmetic(arithmetic),
        ConditionalExpr choice => VisitConditional(choice),
        ListExpr list => VisitList(list),
        MapExpr map => VisitMap(map),
        ComprehensionExpr loop => VisitLoop(loop),
        BindExpr bind => VisitBind([bind.Name], [bind.Value], bind.Body),
        BlockExpr block => VisitBind([.. block.Slots.Select((_, i) => BlockExpr.SlotName(i))], block.Slots, block.Body),
        OptMapExpr optMap => VisitOptMap(optMap),
        _ => StaticType.Dyn,
    };

    private StaticType Fail(Expr at, CelValue error)
    {
        _issue ??= SourceText.Issue(source, at.Position, error.AsError.Message, error.AsError.Hint);
        return StaticType.Dyn;
    }

    private bool IsLocal(string name) => Find(name) is not null;

    private StaticType? Find(string name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name)
            {
                return scope.Type;
            }
        }

        return null;
    }

    private StaticType VisitName(IdentExpr ident) =>
        (ident.IsRooted ? null : Find(ident.Name))
        ?? variables.TypeOf(ident.Name)
        ?? (TypeNames.All.Contains(ident.Name) ? StaticType.Type : StaticType.Dyn);

    private StaticType VisitSelect(SelectExpr select)
    {
        if ((variables.HasDots || QualifiedNames.Root(select) is "google" or "net") && QualifiedNames.Of(select, IsLocal) is { } name)
        {
            if (variables.TypeOf(name) is { } declared)
            {
                return declared;
            }

            if (TypeNames.All.Contains(name))
            {
                return StaticType.Type;
            }
        }

        if (select is { IsTest: false, IsOptional: false, Operand: IdentExpr variable } && !IsLocal(variable.Name) && variables.TypeOfField(variable.Name, select.Field) is { } known)
        {
            return known;
        }

        var operand = Visit(select.Operand);
        var value = operand.Name == "optional" ? operand.Parameters[0] : operand;
        StaticType selected;
        switch (value.Name)
        {
            case "map":
                // Where an absent key reads as null the value's type is no promise.
                selected = options.AbsentKeysAreNull && !select.IsOptional && operand.Name != "optional" ? value.Parameters[1].OrNull() : value.Parameters[1];
                break;
            case "dyn" or "_":
            case "null" when options.AbsentKeysAreNull:
                selected = value.IsJson ? StaticType.Json : StaticType.Dyn;
                break;
            default:
                return Fail(select, Errors.NoSelection(select.Field, value.Name));
        }

        return select.IsTest ? StaticType.Bool
            : select.IsOptional || operand.Name == "optional" ? StaticType.Optional(selected)
            : selected;
    }

    private StaticType VisitIndex(IndexExpr index)
    {
        var operand = Visit(index.Operand);
        var at = Visit(index.Index);
        var value = operand.Name == "optional" ? operand.Parameters[0] : operand;
        StaticType item;
        switch (value.Name)
        {
            case "list" when at.IsOpen || at.IsNumber:
                item = value.Parameters[0];
                break;
            case "map":
                item = options.AbsentKeysAreNull && !index.IsOptional && operand.Name != "optional" ? value.Parameters[1].OrNull() : value.Parameters[1];
                break;
            case "dyn" or "_":
            case "null" when options.AbsentKeysAreNull:
                item = value.IsJson ? StaticType.Json : StaticType.Dyn;
                break;
            default:
                return Fail(index, Errors.NotIndexable(value.Name, at.Name));
        }

        return index.IsTest ? StaticType.Bool
            : index.IsOptional || operand.Name == "optional" ? StaticType.Optional(item)
            : item;
    }

    private StaticType VisitCall(CallExpr call)
    {
        var library = QualifiedNames.Library(call, IsLocal);
        var isMethod = call.Target is not null && library is null;
        Expr[] arguments = isMethod ? [call.Target!, .. call.Arguments] : call.Arguments; // a method has a target
        var types = Array.ConvertAll(arguments, Visit);
        StaticType? result = null;
        CelFunction? near = null;
        foreach (var function in FunctionTable.Standard.Find(library ?? call.Name, isMethod) ?? [])
        {
            if (function.Arity != types.Length && function.Arity >= 0)
            {
                continue;
            }

            near = function;
            foreach (var signature in function.Typed)
            {
                if (signature.Apply(types) is { } type)
                {
                    result = result is null ? type : StaticType.Join(result, type);
                }
            }
        }

        if (isMethod && types[0].IsJson)
        {
            result = result?.OfJson();
        }

        // No function of that arity: the planner has said so.
        return result ?? (near is null ? StaticType.Dyn : Fail(call, CallErrors.NoOverload(near, [.. types.Select(t => t.Name)])));
    }

    private StaticType VisitBind(string[] names, Expr[] values, Expr body)
    {
        var outer = _scope;
        for (var i = 0; i < names.Length; i++)
        {
            _scope = new Scope(names[i], Visit(values[i]), _scope);
        }

        var type = Visit(body);
        _scope = outer;
        return type;
    }

    private StaticType VisitOptMap(OptMapExpr optMap)
    {
        var target = Visit(optMap.Target);
        if (!target.IsOpen && target.Name != "optional")
        {
            return Fail(optMap.Target, Errors.NotOptional(optMap.IsFlat, target.Name));
        }

        var outer = _scope;
        _scope = new Scope(optMap.Name, target.IsOpen ? StaticType.Dyn : target.Parameters[0], _scope);
        var body = Visit(optMap.Body);
        _scope = outer;
        return optMap.IsFlat ? body : StaticType.Optional(body);
    }

    private sealed record Scope(string Name, StaticType Type, Scope? Outer);
}
