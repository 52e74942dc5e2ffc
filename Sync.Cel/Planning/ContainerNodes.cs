using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>A list literal.</summary>
internal sealed class ListNode(PlanNode[] items, ListExpr shape) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        if (!run.Charge(1 + items.Length))
        {
            return Errors.Cost;
        }

        var built = new ListBuilder(items.Length);
        for (var i = 0; i < items.Length; i++)
        {
            var item = items[i].Evaluate(ref run);
            if (item.IsError)
            {
                return item;
            }

            run.Hold(item);
            if (!shape.IsOptional(i))
            {
                built.Add(item);
            }
            else if (item.Kind != CelKind.Optional)
            {
                return Errors.Unary("[?…]", item);
            }
            else if (item.AsOptional.HasValue)
            {
                built.Add(item.AsOptional.Value);
            }
        }

        return built.ToValue();
    }
}

/// <summary>A map literal.</summary>
internal sealed class MapNode(PlanNode[] keys, PlanNode[] values, MapExpr shape) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        if (!run.Charge(1 + 2L * keys.Length))
        {
            return Errors.Cost;
        }

        var map = new HashMap(keys.Length, built: true);
        for (var i = 0; i < keys.Length; i++)
        {
            var key = keys[i].Evaluate(ref run);
            if (key.IsError)
            {
                return key;
            }

            var value = values[i].Evaluate(ref run);
            if (value.IsError)
            {
                return value;
            }

            run.Hold(value);
            if (shape.IsOptional(i))
            {
                if (value.Kind != CelKind.Optional)
                {
                    return Errors.Unary("{?…}", value);
                }

                if (!value.AsOptional.HasValue)
                {
                    continue;
                }

                value = value.AsOptional.Value;
            }

            var problem = Add(map, key, value, ref run);
            if (problem.IsError)
            {
                return problem;
            }
        }

        return CelValue.Of(map);
    }

    /// <summary>Adds an entry; an error for a key of a type that cannot be one, or that is there already. Null when well.</summary>
    public static CelValue Add(HashMap map, in CelValue key, in CelValue value, ref Evaluation run)
    {
        if (key.Kind is not (CelKind.String or CelKind.Int or CelKind.UInt or CelKind.Bool))
        {
            return Errors.NotAKey(TypeNames.Plain(key));
        }

        run.Hold(key);
        return !run.ChargeKey(key) ? Errors.Cost
            : map.TryAdd(key, value) ? CelValue.Null
            : CelValue.Error($"The key {ValueText.Brief(key)} is in the map twice.");
    }
}
