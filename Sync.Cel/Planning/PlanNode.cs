using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>
/// One step of a plan. Immutable and shared by threads; everything that changes is in the <see cref="Evaluation"/>. A node
/// takes one unit of cost for itself and passes errors of its operands on, unless it is one that absorbs them.
/// </summary>
internal abstract class PlanNode
{
    public abstract CelValue Evaluate(ref Evaluation run);
}

internal sealed class ConstantNode(CelValue value) : PlanNode
{
    public CelValue Value { get; } = value;

    public override CelValue Evaluate(ref Evaluation run) => Value;
}

/// <summary>A root variable.</summary>
internal sealed class VariableNode(int slot) : PlanNode
{
    public int Slot { get; } = slot;

    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        return run.Activation.Get(Slot);
    }
}

/// <summary>A variable of a macro.</summary>
internal sealed class LocalNode(int slot) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        return run.Locals[slot];
    }
}
