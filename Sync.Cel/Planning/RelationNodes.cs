using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary><c>==</c> and <c>!=</c>.</summary>
internal sealed class EqualNode(bool isNegated, PlanNode left, PlanNode right) : PlanNode
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
        if (a.IsMoving || b.IsMoving)
        {
            run.Clock?.Compare(a, b);
        }

        return b.IsError ? b : CelValue.Of(Equality.Equal(a, b, run.Budget) != isNegated);
    }
}

/// <summary><c>&lt; &lt;= &gt; &gt;=</c>.</summary>
internal sealed class CompareNode(TokenKind op, PlanNode left, PlanNode right) : PlanNode
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
        if (b.IsError)
        {
            return b;
        }

        if (a.IsMoving || b.IsMoving)
        {
            run.Clock?.Compare(a, b);
        }

        int order;
        if (a.Kind == CelKind.Int && b.Kind == CelKind.Int)
        {
            order = a.AsInt.CompareTo(b.AsInt);
        }
        else if (!run.Charge(Ordering.Price(a, b)))
        {
            return Errors.Cost;
        }
        else if (!Ordering.TryCompare(a, b, out order))
        {
            return Errors.Operator(TokenText.Of(op), a, b);
        }

        return CelValue.Of(order != Ordering.Unordered && op switch
        {
            TokenKind.Less => order < 0,
            TokenKind.LessEqual => order <= 0,
            TokenKind.Greater => order > 0,
            _ => order >= 0,
        });
    }
}

/// <summary><c>in</c> over a list or a map's keys; under the relaxation nothing is in null, the value of an absent map.</summary>
internal sealed class InNode(PlanNode left, PlanNode right, bool absentIsNull) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var item = left.Evaluate(ref run);
        if (item.IsError)
        {
            return item;
        }

        run.Hold(item);
        var container = right.Evaluate(ref run);
        switch (container.Kind)
        {
            case CelKind.Map:
                return run.ChargeKey(item) ? CelValue.Of(container.AsMap.TryGet(item, run.Budget, out _)) : Errors.Cost;
            case CelKind.List:
                return Scan(item, container.AsList, ref run);
            case CelKind.Error:
                return container;
            case CelKind.Null when absentIsNull:
                return CelValue.Of(false);
            default:
                return Errors.Operator("in", item, container);
        }
    }

    private static CelValue Scan(in CelValue item, CelList list, ref Evaluation run)
    {
        var count = list.Count;
        for (var i = 0; i < count; i++)
        {
            if (!run.Charge(1))
            {
                return Errors.Cost;
            }

            if (Equality.Equal(item, list[i], run.Budget))
            {
                return CelValue.Of(true);
            }
        }

        return CelValue.Of(false);
    }
}

/// <summary><c>x in [literals]</c>.</summary>
internal sealed class InSetNode(PlanNode left, HashSet<CelValue> items) : PlanNode
{
    private const int Least = 4;

    /// <summary>A set of a constant list's items, or null when a scan is as good or the items do not hash well.</summary>
    public static HashSet<CelValue>? TryBuild(CelValue constant)
    {
        if (constant.Kind != CelKind.List || constant.AsList.Count < Least)
        {
            return null;
        }

        var items = new HashSet<CelValue>();
        for (var i = 0; i < constant.AsList.Count; i++)
        {
            var item = constant.AsList[i];
            if (item.Kind is not (CelKind.Int or CelKind.UInt or CelKind.String or CelKind.Bool or CelKind.Null))
            {
                return null;
            }

            items.Add(item);
        }

        return items;
    }

    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var item = left.Evaluate(ref run);
        run.Hold(item);
        return item.IsError ? item : run.ChargeKey(item) ? CelValue.Of(items.Contains(item)) : Errors.Cost;
    }
}
