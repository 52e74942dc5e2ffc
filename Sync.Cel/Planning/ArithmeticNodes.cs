using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

internal sealed class ArithmeticNode(TokenKind op, PlanNode left, PlanNode right, bool mixed) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var a = left.Evaluate(ref run);
        if (a.IsError)
        {
            return a;
        }

        var b = right.Evaluate(ref run);
        return b.IsError ? b : Arithmetic.Apply(op, a, b, mixed, ref run);
    }
}

/// <summary>A chain of operators of one level, evaluated in a loop so that its length is no depth.</summary>
internal sealed class ArithmeticChainNode(TokenKind[] operators, PlanNode[] operands, bool mixed) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        var value = operands[0].Evaluate(ref run);
        for (var i = 0; i < operators.Length && !value.IsError; i++)
        {
            run.Cost--;
            var next = operands[i + 1].Evaluate(ref run);
            value = next.IsError ? next : Arithmetic.Apply(operators[i], value, next, mixed, ref run);
        }

        return value;
    }
}

internal sealed class NegateNode(PlanNode operand) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var value = operand.Evaluate(ref run);
        return value.Kind switch
        {
            CelKind.Int => value.AsInt == long.MinValue ? Errors.Overflow : CelValue.Of(-value.AsInt),
            CelKind.Double => CelValue.Of(-value.AsDouble),
            CelKind.Duration => value.DurationNanos == long.MinValue ? Errors.DurationRange : CelValue.Duration(-value.DurationNanos).MovingBy(-value.Slope),
            CelKind.Error => value,
            _ => Errors.Unary("-", value),
        };
    }
}
