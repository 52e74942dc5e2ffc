using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Sync.Cel;

/// <summary>
/// A compiled expression: immutable, thread-safe, shared by every room that uses the same text.
/// </summary>
public sealed class CelProgram
{
    private readonly CelEnvironment _environment;
    private readonly PlanNode _plan;
    private readonly int _locals;
    private ImmutableArray<CelPath> _dependencies;
    private ImmutableArray<CelIssue> _warnings;

    internal CelProgram(CelEnvironment environment, string source, Expr tree, PlanNode plan, int locals, int weight, StaticType type)
    {
        _environment = environment;
        Source = source;
        Tree = tree;
        _plan = plan;
        _locals = locals;
        Weight = weight;
        StaticType = type;
    }

    /// <summary>The text it was compiled from.</summary>
    public string Source { get; }

    /// <summary>Every path the expression may read, statically known. Sound: nothing outside can change its value.</summary>
    public ImmutableArray<CelPath> Dependencies
    {
        get
        {
            // Worked out when first asked, as many expressions never are. Threads that race compute the same.
            if (_dependencies.IsDefault)
            {
                _dependencies = DependencyAnalysis.Of(Tree, _environment.Variables);
            }

            return _dependencies;
        }
    }

    /// <summary>Doubtful spots that still compile (integer division of literals' kinds, for instance).</summary>
    public ImmutableArray<CelIssue> Warnings
    {
        get
        {
            if (_warnings.IsDefault)
            {
                _warnings = WarningAnalysis.Of(Source, Tree);
            }

            return _warnings;
        }
    }

    /// <summary>What is known of the value's type without evaluating: <c>bool</c>, <c>list&lt;int&gt;</c>, or <c>dyn</c> when nothing is.</summary>
    public string ResultType => StaticType.ToString();

    internal StaticType StaticType { get; }

    /// <summary>About how many bytes the constants and patterns of the plan hold.</summary>
    internal int Weight { get; }

    internal Expr Tree { get; }

    /// <summary>
    /// Evaluates on a budget. Errors come back as a value of kind <see cref="CelKind.Error"/>; nothing is thrown. Once the budget is exhausted, in whatever part, the result is
    /// <see cref="CelBudget.Exceeded"/>.
    /// </summary>
    public CelValue Evaluate(ICelActivation activation, CelBudget budget) => Run(_plan, _locals, activation, budget);

    /// <summary>
    /// Evaluates each leaf of the top-level <c>&amp;&amp;</c> / <c>||</c> / <c>!</c> / <c>?:</c> structure by itself, in source order,
    /// so that a reader sees which part decided.
    /// </summary>
    public ImmutableArray<CelPart> Explain(ICelActivation activation, CelBudget budget)
    {
        var leaves = new List<Expr>();
        Leaves(Tree, leaves);
        var parts = ImmutableArray.CreateBuilder<CelPart>(leaves.Count);
        foreach (var leaf in leaves)
        {
            var plan = _environment.Plan(Source, leaf, out var locals);
            parts.Add(new CelPart(Source[leaf.Start..leaf.End], Run(plan, locals, activation, budget)));
        }

        return parts.MoveToImmutable();
    }

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
            case UnaryExpr { Operator: TokenKind.Not } not:
                Leaves(not.Operand, leaves);
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
        value = budget.IsExhausted ? Errors.Cost : ResultSize.Check(value, ref run.Cost);
        budget.Exit();
        return value;
    }
}
