using Sync.Cel.Library;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>Calls of functions, one node for each number of arguments so that no array is needed for them.</summary>
internal static class CallNodes
{
    public static PlanNode Create(CelFunction function, PlanNode[] arguments) => function.Implementation switch
    {
        Nullary nullary => new NullaryCall(nullary),
        Unary unary => new UnaryCall(function, unary, arguments[0]),
        Binary binary => new BinaryCall(function, binary, arguments[0], arguments[1]),
        Ternary ternary => new TernaryCall(function, ternary, arguments[0], arguments[1], arguments[2]),
        Variadic variadic => new VariadicCall(function, variadic, arguments),
        _ => throw new InvalidOperationException($"The implementation of {function.Name} has no known shape."),
    };

    // Wording it takes longer than a call.
    private static CelValue NoOverload(CelFunction function, scoped ReadOnlySpan<CelValue> arguments, ref Evaluation run)
    {
        const int Price = 8;
        return run.Charge(Price) ? CallErrors.NoOverload(function, arguments) : Errors.Cost;
    }

    private sealed class NullaryCall(Nullary implementation) : PlanNode
    {
        public override CelValue Evaluate(ref Evaluation run)
        {
            run.Cost--;
            return implementation(ref run);
        }
    }

    private sealed class UnaryCall(CelFunction function, Unary implementation, PlanNode first) : PlanNode
    {
        public override CelValue Evaluate(ref Evaluation run)
        {
            run.Cost--;
            var a = first.Evaluate(ref run);
            if (a.IsError)
            {
                return a;
            }

            if (a.IsMoving)
            {
                ClockCalls.Note(function, a, run.Clock);
            }

            var result = implementation(ref run, a);
            return result.IsError && Errors.IsNoMatch(result) ? NoOverload(function, (ReadOnlySpan<CelValue>)[a], ref run) : result;
        }
    }

    private sealed class BinaryCall(CelFunction function, Binary implementation, PlanNode first, PlanNode second) : PlanNode
    {
        public override CelValue Evaluate(ref Evaluation run)
        {
            run.Cost--;
            var a = first.Evaluate(ref run);
            if (a.IsError)
            {
                return a;
            }

            var b = second.Evaluate(ref run);
            if (b.IsError)
            {
                return b;
            }

            if (a.IsMoving)
            {
                ClockCalls.Note(function, a, run.Clock);
            }

            run.Hold(b);
            var result = implementation(ref run, a, b);
            return result.IsError && Errors.IsNoMatch(result) ? NoOverload(function, (ReadOnlySpan<CelValue>)[a, b], ref run) : result;
        }
    }

    private sealed class TernaryCall(CelFunction function, Ternary implementation, PlanNode first, PlanNode second, PlanNode third) : PlanNode
    {
        public override CelValue Evaluate(ref Evaluation run)
        {
            run.Cost--;
            var a = first.Evaluate(ref run);
            if (a.IsError)
            {
                return a;
            }

            var b = second.Evaluate(ref run);
            if (b.IsError)
            {
                return b;
            }

            var c = third.Evaluate(ref run);
            if (c.IsError)
            {
                return c;
            }

            run.Hold(a);
            run.Hold(b);
            run.Hold(c);
            var result = implementation(ref run, a, b, c);
            return result.IsError && Errors.IsNoMatch(result) ? NoOverload(function, (ReadOnlySpan<CelValue>)[a, b, c], ref run) : result;
        }
    }

    private sealed class VariadicCall(CelFunction function, Variadic implementation, PlanNode[] arguments) : PlanNode
    {
        public override CelValue Evaluate(ref Evaluation run)
        {
            if (!run.Charge(1 + arguments.Length))
            {
                return Errors.Cost;
            }

            var values = new CelValue[arguments.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = arguments[i].Evaluate(ref run);
                if (values[i].IsError)
                {
                    return values[i];
                }

                run.Hold(values[i]);
            }

            var result = implementation(ref run, values);
            return result.IsError && Errors.IsNoMatch(result) ? NoOverload(function, values.AsSpan(), ref run) : result;
        }
    }
}
