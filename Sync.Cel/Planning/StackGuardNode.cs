using System.Runtime.CompilerServices;
using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>Stands in front of a node at every station (<see cref="StackGuard.IsStation"/>) of a tall plan.</summary>
internal sealed class StackGuardNode(PlanNode node) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run) =>
        RuntimeHelpers.TryEnsureSufficientExecutionStack() ? node.Evaluate(ref run) : Errors.Depth;
}
