using System.Collections.Immutable;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;
using Sync.Cel.Values;

namespace Sync.Cel.Checking;

/// <summary>
/// Finds what an expression may read. Each node yields what its value may be a part of: a set of paths not read yet. Selecting
/// lengthens them; whatever looks at a value reads them (<see cref="Read"/>). A value computed anew aliases nothing, because
/// what it was computed from has been read.
/// </summary>
internal sealed partial class DependencyAnalysis
{
    // Beyond this many alternatives (nested choices) the analysis stops telling them apart and reads them whole.
    private const int MaxAliases = 16;
    private const int MaxSegments = 32;

    private readonly VariableTable _variables;
    private readonly HashSet<CelPath> _paths = [];
    private Scope? _scope;

    private DependencyAnalysis(VariableTable variables) => _variables = variables;

    /// <summary>What is read, without paths that a shorter one covers, and every path that the text names.</summary>
    public static (ImmutableArray<CelPath> Reads, ImmutableArray<CelPath> Named) Of(Expr tree, VariableTable variables)
    {
        var analysis = new DependencyAnalysis(variables);
        analysis.Read(analysis.Visit(tree));
        return (analysis.Reduced(), [.. analysis._paths]);
    }

    private ImmutableArray<CelPath> Visit(Expr expr)
    {
        if (StackGuard.HasRoom(expr))
        {
            return VisitAny(expr);
        }

        // What lies deeper may read anything.
        Read([.. _variables.Names.Select(name => new CelPath(name, [], KeysOnly: false))]);
        return [];
    }

    private ImmutableArray<CelPath> VisitAny(Expr expr)
    {
        switch (expr)
        {
            case ConstantExpr:
                return [];
            case IdentExpr ident:
                return VisitName(ident);
            case SelectExpr select:
                return VisitSelect(select);
            case IndexExpr index:
                return VisitIndex(index);
            case CallExpr call:
                return VisitCall(call);
            case ConditionalExpr choice:
                Read(Visit(choice.Condition));
                return Either(Visit(choice.Then), Visit(choice.Otherwise));
            case BindExpr bind:
                return VisitBind([bind.Name], [bind.Value], bind.Body);
            case BlockExpr block:
                return VisitBind([.. block.Slots.Select((_, i) => BlockExpr.SlotName(i))], block.Slots, block.Body);
            case OptMapExpr optMap:
                return VisitOptMap(optMap);
            case ComprehensionExpr loop:
                VisitLoop(loop);
                return [];
            case RelationExpr { Operator: TokenKind.In } relation:
                VisitIn(relation);
                return [];
            case RelationExpr relation:
                Read(Visit(relation.Left));
                Read(Visit(relation.Right));
                return [];
            case UnaryExpr unary:
                Read(Visit(unary.Operand));
                return [];
            case LogicExpr logic:
                ReadAll(logic.Operands);
                return [];
            case ArithmeticExpr arithmetic:
                ReadAll(arithmetic.Operands);
                return [];
            case ListExpr list:
                ReadAll(list.Items);
                return [];
            case MapExpr map:
                ReadAll(map.Keys);
                ReadAll(map.Values);
                return [];
            default:
                throw new InvalidOperationException($"No dependencies for {expr.GetType().Name}.");
        }
    }

    private void ReadAll(Expr[] exprs)
    {
        foreach (var expr in exprs)
        {
            Read(Visit(expr));
        }
    }

    private void Read(ImmutableArray<CelPath> aliases, bool keysOnly = false)
    {
        foreach (var alias in aliases)
        {
            _paths.Add(keysOnly ? alias with { KeysOnly = true } : alias);
        }
    }

    private ImmutableArray<CelPath> VisitName(IdentExpr ident)
    {
        for (var scope = ident.IsRooted ? null : _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == ident.Name)
            {
                scope.IsUsed = true;
                return scope.Aliases;
            }
        }

        return _variables.Find(ident.Name) >= 0 ? [new CelPath(ident.Name, [], KeysOnly: false)] : [];
    }

    private ImmutableArray<CelPath> VisitSelect(SelectExpr select)
    {
        if (_variables.HasDots && QualifiedNames.Of(select, IsLocal) is { } name && _variables.Find(name) >= 0)
        {
            return [new CelPath(name, [], KeysOnly: false)];
        }

        var aliases = Extend(Visit(select.Operand), new CelSegment(select.Field, IsVariable: false));
        if (!select.IsTest)
        {
            return aliases;
        }

        Read(aliases);
        return [];
    }

    private bool IsLocal(string name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private ImmutableArray<CelPath> VisitIndex(IndexExpr index)
    {
        var aliases = At(Visit(index.Operand), index.Index);
        if (!index.IsTest)
        {
            return aliases;
        }

        Read(aliases);
        return [];
    }

    /// <summary>What the parts of <paramref name="aliases"/> named by a key are; the whole is read when the key is not known.</summary>
    private ImmutableArray<CelPath> At(ImmutableArray<CelPath> aliases, Expr key)
    {
        if (key is ConstantExpr { Value.Kind: CelKind.String } literal)
        {
            return Extend(aliases, new CelSegment(literal.Value.AsString, IsVariable: false));
        }

        var keyAliases = Visit(key);
        Read(keyAliases);
        if (keyAliases is [{ Segments.IsEmpty: true, KeysOnly: false } root] && key is IdentExpr)
        {
            return Extend(aliases, new CelSegment(root.Root, IsVariable: true));
        }

        Read(aliases);
        return [];
    }

    private ImmutableArray<CelPath> Extend(ImmutableArray<CelPath> aliases, CelSegment segment)
    {
        var longer = ImmutableArray.CreateBuilder<CelPath>(aliases.Length);
        foreach (var alias in aliases)
        {
            // A shorter path covers the longer one, so an endless chain stops growing.
            longer.Add(alias.Segments.Length < MaxSegments ? alias with { Segments = alias.Segments.Add(segment) } : alias);
        }

        return longer.MoveToImmutable();
    }

    private ImmutableArray<CelPath> Either(ImmutableArray<CelPath> left, ImmutableArray<CelPath> right)
    {
        var both = left.Union(right).ToImmutableArray();
        if (both.Length <= MaxAliases)
        {
            return both;
        }

        Read(both);
        return [];
    }

    // Each path looks its own prefixes up: comparing all with all would let a hostile source take quadratic time.
    private ImmutableArray<CelPath> Reduced()
    {
        var kept = ImmutableArray.CreateBuilder<CelPath>();
        foreach (var path in _paths)
        {
            var isCovered = path.KeysOnly && _paths.Contains(path with { KeysOnly = false });
            for (var length = 0; length < path.Segments.Length && !isCovered; length++)
            {
                isCovered = _paths.Contains(new CelPath(path.Root, path.Segments[..length], KeysOnly: false));
            }

            if (!isCovered)
            {
                kept.Add(path);
            }
        }

        return kept.ToImmutable();
    }

    private sealed class Scope(string name, ImmutableArray<CelPath> aliases, Scope? outer)
    {
        public string Name { get; } = name;

        public ImmutableArray<CelPath> Aliases { get; } = aliases;

        public Scope? Outer { get; } = outer;

        public bool IsUsed { get; set; }
    }
}
