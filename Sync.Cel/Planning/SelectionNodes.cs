using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>A root variable and the fields selected from it: the commonest expression there is, in one node.</summary>
internal sealed class PathNode(int slot, string[] fields, bool absentIsNull) : PlanNode
{
    public int Slot { get; } = slot;

    public PathNode Then(string field) => new(Slot, [.. fields, field], absentIsNull);

    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost -= 1 + fields.Length;
        var value = run.Activation.Get(Slot);
        foreach (var field in fields)
        {
            if (value.Kind != CelKind.Map || !value.MapUnchecked.TryGet(field, run.Budget, out var next))
            {
                // Absent, null, optional or wrong: the common rules.
                next = Selection.Field(value, field, absentIsNull, ref run);
            }

            value = next;
        }

        return value;
    }
}

internal sealed class SelectNode(PlanNode operand, string field, bool absentIsNull) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        return Selection.Field(operand.Evaluate(ref run), field, absentIsNull, ref run);
    }
}

internal sealed class OptionalSelectNode(PlanNode operand, string field, bool absentIsNull) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        return Selection.OptionalField(operand.Evaluate(ref run), field, absentIsNull, ref run);
    }
}

internal sealed class HasFieldNode(PlanNode operand, string field, bool absentIsNull) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        return Selection.HasField(operand.Evaluate(ref run), field, absentIsNull, ref run);
    }
}

/// <summary><c>o[i]</c>, <c>o[?i]</c> and <c>has(o[i])</c>.</summary>
internal sealed class IndexNode(PlanNode operand, PlanNode index, bool isOptional, bool isTest, bool absentIsNull) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var from = operand.Evaluate(ref run);
        if (from.IsError)
        {
            return from;
        }

        var at = index.Evaluate(ref run);
        if (at.IsError)
        {
            return at;
        }

        run.Hold(at);
        if (!run.ChargeKey(at))
        {
            return Errors.Cost;
        }

        return isTest ? Selection.HasIndex(from, at, absentIsNull, ref run)
            : isOptional ? Selection.OptionalIndex(from, at, absentIsNull, ref run)
            : Selection.Index(from, at, absentIsNull, ref run);
    }
}
