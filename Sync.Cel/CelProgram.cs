using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sync.Cel.Checking;
using Sync.Cel.Library;
using Sync.Cel.Planning;
using Sync.Cel.Repair;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel;

/// <summary>
/// A compiled expression: immutable, thread-safe, shared by every room that uses the same text.
/// </summary>
public sealed class CelProgram
{
    private readonly CelEnvironment _environment;
    private readonly PlanNode _plan;
    private readonly int _locals;
    private Tuple<ImmutableArray<CelPath>, ImmutableArray<CelPath>>? _paths;
    private readonly ImmutableArray<CelIssue> _typeWarnings;
    private ImmutableArray<CelIssue> _warnings;

    internal CelProgram(CelEnvironment environment, string source, Expr tree, PlanNode plan, int locals, int weight, StaticType type, ImmutableArray<CelIssue> warnings)
    {
        _environment = environment;
        Source = source;
        Tree = tree;
        _plan = plan;
        _locals = locals;
        Weight = weight;
        StaticType = type;
        _typeWarnings = warnings;
    }

    /// <summary>The text it was compiled from.</summary>
    public string Source { get; }

    /// <summary>Every path the expression may read, statically known. Sound: nothing outside can change its value.</summary>
    public ImmutableArray<CelPath> Dependencies => Paths.Item1;

    /// <summary>The same with the paths that are covered by a shorter one: what the text names, whatever else it reads.</summary>
    public ImmutableArray<CelPath> NamedPaths => Paths.Item2;

    /// <summary>Doubtful spots that still compile (integer division of literals' kinds, for instance).</summary>
    public ImmutableArray<CelIssue> Warnings
    {
        get
        {
            if (_warnings.IsDefault)
            {
                _warnings = WarningRepair.WithReplacements(_environment, Source, Tree, [.. WarningAnalysis.Of(Source, Tree), .. _typeWarnings]);
            }

            return _warnings;
        }
    }

    /// <summary>Whether it compares or loops over what it cannot mean to, by the types that are known.</summary>
    internal bool HasTypeWarnings => !_typeWarnings.IsEmpty;

    /// <summary>What is known of the value's type without evaluating: <c>bool</c>, <c>list&lt;int&gt;</c>, or <c>dyn</c> when nothing is.</summary>
    public string ResultType => StaticType.ToString();

    internal StaticType StaticType { get; }

    /// <summary>About how many bytes the constants and patterns of the plan hold.</summary>
    internal int Weight { get; }

    internal Expr Tree { get; }

    // Worked out when first asked, as many expressions never are. Threads that race compute the same.
    private Tuple<ImmutableArray<CelPath>, ImmutableArray<CelPath>> Paths
    {
        get
        {
            if (_paths is null)
            {
                var (reads, named) = DependencyAnalysis.Of(Tree, _environment.Variables);
                _paths = Tuple.Create(reads, named);
            }

            return _paths;
        }
    }

    /// <summary>
    /// Evaluates on a budget. Errors come back as a value of kind <see cref="CelKind.Error"/>; nothing is thrown. Once the budget is exhausted, in whatever part, the result is
    /// <see cref="CelBudget.Exceeded"/>.
    /// </summary>
    public CelValue Evaluate(ICelActivation activation, CelBudget budget) => Run(_plan, _locals, activation, budget);

    /// <summary>
    /// For an expression that gave an error: one that means the same and that <paramref name="isAccepted"/> takes, such as one that evaluates where this one did not; null when there is none.
    /// </summary>
    public string? Repaired(Func<string, bool> isAccepted) => CelRepair.Of(Source, _environment.RepairNames, isAccepted, RepairOccasion.Evaluating);

    /// <summary>
    /// The parts of the top-level <c>&amp;&amp;</c> / <c>||</c> / <c>?:</c> structure in source order, each with its <c>!</c>, to be evaluated by themselves, so that a
    /// reader sees which one decided.
    /// </summary>
    public ImmutableArray<CelPart> Parts() => Parts(Tree);

    private ImmutableArray<CelPart> Parts(Expr tree)
    {
        var leaves = new List<Expr>();
        Leaves(tree, leaves);
        return [.. leaves.Select(leaf => new CelPart(this, leaf))];
    }

    /// <summary>What a part compares or calls upon: everything in it that is no constant. Of a negated <c>&amp;&amp;</c> or <c>||</c> its parts, and what they compare.</summary>
    internal ImmutableArray<CelPart> OperandsOf(Expr part) => part switch
    {
        UnaryExpr { Operator: TokenKind.Not, Operand: LogicExpr or ConditionalExpr } not =>
            [.. Parts(not.Operand).SelectMany(static inner => inner.Operands.Prepend(inner)).DistinctBy(static inner => inner.Expression)],
        UnaryExpr { Operator: TokenKind.Not } not => OperandsOf(not.Operand),
        RelationExpr relation => Operands([relation.Left, relation.Right]),
        ComprehensionExpr loop => Operands([loop.Range]),
        CallExpr call => Operands(call.Target is null ? call.Arguments : [call.Target, .. call.Arguments]),
        _ => [],
    };

    internal CelValue Evaluate(Expr part, ICelActivation activation, CelBudget budget)
    {
        var plan = _environment.Plan(Source, part, out var locals);
        return Run(plan, locals, activation, budget);
    }

    private ImmutableArray<CelPart> Operands(IEnumerable<Expr> exprs) =>
        [.. exprs.Where(static expr => expr is not (ConstantExpr or ListExpr { Items: [] } or MapExpr { Keys: [] })).Select(expr => new CelPart(this, expr))];

    private static void Leaves(Expr expr, List<Expr> leaves)
    {
        switch (expr)
        {
            case LogicExpr logic:
                foreach (var operand in logic.Operands)
                {
                    Leaves(operand, leaves);
                }

                break;
            case ConditionalExpr choice:
                Leaves(choice.Condition, leaves);
                Leaves(choice.Then, leaves);
                Leaves(choice.Otherwise, leaves);
                break;
            default:
                leaves.Add(expr);
                break;
        }
    }

    private static CelValue Run(PlanNode plan, int locals, ICelActivation activation, CelBudget budget)
    {
        // An activation may evaluate other programs in turn; past a point that is too deep, whoever wrote them.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return Errors.Depth;
        }

        if (budget.IsExhausted)
        {
            return Errors.Cost;
        }

        budget.Enter();
        var run = new Evaluation(activation, budget, locals == 0 ? [] : new CelValue[locals]);
        var value = plan.Evaluate(ref run);
        run.Hold(value);
        value = budget.IsExhausted ? Errors.Cost : Results.Settle(value.IsMoving ? value.MovingBy(0) : value, budget);
        budget.Exit();
        return value;
    }
}
