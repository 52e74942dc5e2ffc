using Sync.Cel.Checking;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>
/// Turns a tree into a plan: resolves names to slots, picks functions, folds constants. Recursion is as deep as the tree, which the
/// parser bounds. The first problem is recorded; planning goes on, and what it made is then thrown away.
/// </summary>
internal sealed partial class Planner(VariableTable variables, CelOptions options, string source)
{
    // For the whole expression: constants stay in the plan, and plans stay in the cache.
    private readonly CelBudget _folding = new(4096, TimeSpan.MaxValue);

    // For compiling the patterns of the whole expression.
    private readonly CelBudget _patterns = new(50_000, TimeSpan.MaxValue);
    private Scope? _scope;

    /// <summary>The first problem, or null.</summary>
    public CelIssue? Issue { get; private set; }

    /// <summary>About how many bytes the plan's constants and patterns hold.</summary>
    public int Weight { get; private set; }

    /// <summary>How many local variables an evaluation needs room for.</summary>
    public int Locals { get; private set; }

    private bool AbsentIsNull => options.AbsentKeysAreNull;

    public PlanNode Plan(Expr expr)
    {
        if (!StackGuard.IsStation(expr))
        {
            return PlanAny(expr);
        }

        if (StackGuard.HasRoom(expr))
        {
            var node = PlanAny(expr);
            return node is ConstantNode ? node : new StackGuardNode(node);
        }

        Issue ??= SourceText.Issue(source, expr.Position, Errors.Depth.AsError.Message, "Split the expression into views.", Errors.LimitCode);
        return new ConstantNode(CelValue.Null);
    }

    private PlanNode PlanAny(Expr expr) => expr switch
    {
        ConstantExpr constant => new ConstantNode(constant.Value),
        IdentExpr ident => PlanName(ident),
        SelectExpr select => PlanSelect(select),
        IndexExpr index => PlanIndex(index),
        CallExpr call => PlanCall(call),
        LogicExpr logic => Fold(new LogicNode(logic.IsAnd, PlanAll(logic.Operands, out var constant)), constant),
        UnaryExpr unary => PlanUnary(unary),
        RelationExpr relation => PlanRelation(relation),
        ArithmeticExpr arithmetic => PlanArithmetic(arithmetic),
        ConditionalExpr choice => PlanConditional(choice),
        ListExpr list => Fold(new ListNode(PlanAll(list.Items, out var constant), list), constant),
        MapExpr map => PlanMap(map),
        ComprehensionExpr loop => PlanLoop(loop),
        BindExpr bind => PlanBind([bind.Name], [bind.Value], bind.Body),
        BlockExpr block => PlanBind([.. block.Slots.Select((_, i) => BlockExpr.SlotName(i))], block.Slots, block.Body),
        OptMapExpr optMap => PlanOptMap(optMap),
        _ => throw new InvalidOperationException($"No plan for {expr.GetType().Name}."),
    };

    private PlanNode Fail(int at, string message, string? hint)
    {
        Issue ??= SourceText.Issue(source, at, message, hint);
        return new ConstantNode(CelValue.Null);
    }

    /// <summary>A problem of names: an issue, or for the suite's unchecked mode an error when evaluated.</summary>
    private PlanNode Unresolved(int at, string message, string? hint) => options.UnknownNamesAreErrorsAtRunTime
        ? new ConstantNode(CelValue.Error(message, hint))
        : Fail(at, message, hint);

    private PlanNode[] PlanAll(Expr[] exprs, out bool constant)
    {
        var nodes = new PlanNode[exprs.Length];
        constant = true;
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = Plan(exprs[i]);
            constant &= nodes[i] is ConstantNode;
        }

        return nodes;
    }

    // A constant that fails keeps its node, so that the error happens only where it is reached.
    private PlanNode Fold(PlanNode node, bool constant)
    {
        if (!constant || _folding.Left == 0)
        {
            return node;
        }

        var run = new Evaluation(NoActivation.Instance, _folding, []);
        var before = _folding.Left;
        var value = node.Evaluate(ref run);
        Weight += (int)(before - _folding.Left) * 32;
        return value.IsError || _folding.IsExhausted ? node : new ConstantNode(value);
    }

    private PlanNode PlanUnary(UnaryExpr unary)
    {
        var operand = Plan(unary.Operand);
        return Fold(unary.Operator == TokenKind.Not ? new NotNode(operand) : new NegateNode(operand), operand is ConstantNode);
    }

    private PlanNode PlanConditional(ConditionalExpr choice)
    {
        var (condition, then, otherwise) = (Plan(choice.Condition), Plan(choice.Then), Plan(choice.Otherwise));
        return condition is ConstantNode { Value.Kind: CelKind.Bool } known
            ? known.Value.AsBool ? then : otherwise
            : new ConditionalNode(condition, then, otherwise);
    }

    private PlanNode PlanRelation(RelationExpr relation)
    {
        var left = Plan(relation.Left);
        if (Issue is null)
        {
            // So that an unknown name on the right can be taken for text without quotes.
            _comparedAt = relation.Right.Start;
        }

        var right = Plan(relation.Right);
        var constant = left is ConstantNode && right is ConstantNode;
        switch (relation.Operator)
        {
            case TokenKind.Equal or TokenKind.NotEqual:
                return Fold(new EqualNode(relation.Operator == TokenKind.NotEqual, left, right), constant);
            case TokenKind.In:
                return !constant && right is ConstantNode list && InSetNode.TryBuild(list.Value) is { } items
                    ? new InSetNode(left, items)
                    : Fold(new InNode(left, right, AbsentIsNull), constant);
            default:
                return Fold(new CompareNode(relation.Operator, left, right), constant);
        }
    }

    private PlanNode PlanArithmetic(ArithmeticExpr arithmetic)
    {
        var nodes = PlanAll(arithmetic.Operands, out var constant);
        return Fold(
            nodes.Length == 2
                ? new ArithmeticNode(arithmetic.Operators[0], nodes[0], nodes[1], options.MixedArithmetic)
                : new ArithmeticChainNode(arithmetic.Operators, nodes, options.MixedArithmetic),
            constant);
    }

    private PlanNode PlanMap(MapExpr map)
    {
        var keys = PlanAll(map.Keys, out var constantKeys);
        var values = PlanAll(map.Values, out var constantValues);
        return Fold(new MapNode(keys, values, map), constantKeys && constantValues);
    }

    private PlanNode PlanLoop(ComprehensionExpr loop)
    {
        var range = Plan(loop.Range);
        var outer = _scope;
        var first = Declare(loop.First);
        var second = loop.Second is null ? -1 : Declare(loop.Second);
        var filter = loop.Filter is null ? null : Plan(loop.Filter);
        var body = Plan(loop.Body);
        _scope = outer;
        return loop.Kind switch
        {
            ComprehensionKind.All or ComprehensionKind.Exists =>
                new QuantifierNode(loop.Kind == ComprehensionKind.All, loop.Name, range, first, second, body),
            ComprehensionKind.ExistsOne => new ExistsOneNode(loop.Name, range, first, second, body),
            ComprehensionKind.Filter => new FilterNode(loop.Name, range, first, body),
            ComprehensionKind.MapList => new MapListNode(loop.Name, range, first, second, filter, body),
            ComprehensionKind.SortBy => new SortByNode(loop.Name, range, first, body),
            _ => new TransformMapNode(loop.Name, loop.Kind == ComprehensionKind.TransformMapEntry, range, first, second, filter, body),
        };
    }

    private BindNode PlanBind(string[] names, Expr[] values, Expr body)
    {
        var outer = _scope;
        var slots = new int[names.Length];
        var nodes = new PlanNode[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            nodes[i] = Plan(values[i]);
            slots[i] = Declare(names[i]);
        }

        var node = new BindNode(slots, nodes, Plan(body));
        _scope = outer;
        return node;
    }

    private OptMapNode PlanOptMap(OptMapExpr optMap)
    {
        var target = Plan(optMap.Target);
        var outer = _scope;
        var slot = Declare(optMap.Name);
        var body = Plan(optMap.Body);
        _scope = outer;
        return new OptMapNode(target, slot, body, optMap.IsFlat);
    }

    private int Declare(string name)
    {
        var slot = Locals++;
        _scope = new Scope(name, slot, _scope);
        return slot;
    }

    private bool IsLocal(string name) => FindLocal(name) >= 0;

    private int FindLocal(string name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name)
            {
                return scope.Slot;
            }
        }

        return -1;
    }

    private sealed record Scope(string Name, int Slot, Scope? Outer);

    private sealed class NoActivation : ICelActivation
    {
        public static readonly NoActivation Instance = new();

        public CelValue Get(int slot) => CelValue.Null;
    }
}
