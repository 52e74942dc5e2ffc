using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>
/// <c>cel.bind</c>, and one slot of <c>cel.block</c>. An error in the value is bound like any value, so it counts only where the name is used.
/// </summary>
internal sealed class BindNode(int[] slots, PlanNode[] values, PlanNode body) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            run.Cost--;
            run.Locals[slots[i]] = values[i].Evaluate(ref run);
        }

        return body.Evaluate(ref run);
    }
}

/// <summary><c>optMap</c> and <c>optFlatMap</c>.</summary>
internal sealed class OptMapNode(PlanNode target, int slot, PlanNode body, bool isFlat) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var value = target.Evaluate(ref run);
        if (value.IsError)
        {
            return value;
        }

        if (value.Kind != CelKind.Optional)
        {
            return Errors.NotOptional(isFlat, TypeNames.Plain(value));
        }

        if (!value.AsOptional.HasValue)
        {
            return value;
        }

        run.Locals[slot] = value.AsOptional.Value;
        var result = body.Evaluate(ref run);
        if (result.IsError)
        {
            return result;
        }

        if (!isFlat)
        {
            run.Hold(result);
            return CelValue.Of(CelOptional.Of(result));
        }

        return result.Kind == CelKind.Optional
            ? result
            : CelValue.Error($"`optFlatMap` needs an optional from its expression, got {TypeNames.Plain(result)}.", "Use `optMap` for a plain value.");
    }
}
