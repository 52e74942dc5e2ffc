using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>
/// <c>&amp;&amp;</c> or <c>||</c> over any number of operands. CEL spec: Logical operators — the result is decided by any operand that
/// decides it, on either side; an error counts only when none does.
/// </summary>
internal sealed class LogicNode(bool isAnd, PlanNode[] operands) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        CelValue error = default;
        foreach (var operand in operands)
        {
            var value = operand.Evaluate(ref run);
            if (value.Kind == CelKind.Bool)
            {
                if (value.AsBool != isAnd)
                {
                    return value;
                }
            }
            else if (!error.IsError)
            {
                error = value.IsError ? value : Errors.NotBool(isAnd ? "&&" : "||", value);
            }
        }

        return error.IsError ? error : CelValue.Of(isAnd);
    }
}

internal sealed class NotNode(PlanNode operand) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var value = operand.Evaluate(ref run);
        return value.Kind == CelKind.Bool ? CelValue.Of(!value.AsBool)
            : value.IsError ? value
            : Errors.Unary("!", value);
    }
}

internal sealed class ConditionalNode(PlanNode condition, PlanNode then, PlanNode otherwise) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var value = condition.Evaluate(ref run);
        return value.Kind == CelKind.Bool ? (value.AsBool ? then : otherwise).Evaluate(ref run)
            : value.IsError ? value
            : Errors.NotBool("? :", value);
    }
}
