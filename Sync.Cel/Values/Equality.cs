using Sync.Cel.Values.Limits;

namespace Sync.Cel.Values;

/// <summary>
/// The language's <c>==</c> (CEL spec: Equality): false between different types, except that numbers compare by value.
/// </summary>
internal static class Equality
{
    /// <summary>
    /// Compares within a budget: texts are charged by their length and elements one by one before they are compared. Once the budget is exhausted the answer
    /// means nothing. Depth past the bound exhausts it too, so no value can overflow the stack.
    /// </summary>
    public static bool Equal(in CelValue left, in CelValue right, CelBudget budget, int depth = 0)
    {
        if (left.Kind != right.Kind)
        {
            return Scalars(left, right);
        }

        switch (left.Kind)
        {
            // Of two lengths there is nothing to compare.
            case CelKind.String:
                return left.AsString.Length == right.AsString.Length && budget.Charge(left.AsString.Length >> 4) && Scalars(left, right);
            case CelKind.Bytes:
                return left.BytesArray.Length == right.BytesArray.Length && budget.Charge(left.BytesArray.Length >> 4) && Scalars(left, right);
            case not (CelKind.List or CelKind.Map or CelKind.Optional):
                return Scalars(left, right);
        }

        if (depth >= Evaluation.MaxValueDepth)
        {
            budget.Exhaust();
            return false;
        }

        return left.Kind switch
        {
            CelKind.List => Lists(left.AsList, right.AsList, budget, depth + 1),
            CelKind.Map => Maps(left.AsMap, right.AsMap, budget, depth + 1),
            _ => Optionals(left.AsOptional, right.AsOptional, budget, depth + 1),
        };
    }

    /// <summary>Compares values of which at most one is a container; texts whole, whatever their length.</summary>
    public static bool Scalars(in CelValue left, in CelValue right)
    {
        if (left.Kind != right.Kind)
        {
            return left.IsNumber && right.IsNumber && Ordering.CompareNumbers(left, right) == 0;
        }

        return left.Kind switch
        {
            CelKind.Null => true,
            CelKind.Bool or CelKind.Int or CelKind.UInt or CelKind.Duration => left.AsInt == right.AsInt,
            CelKind.Double => left.AsDouble == right.AsDouble,
            CelKind.String => string.Equals(left.AsString, right.AsString),
            CelKind.Bytes => left.BytesArray.AsSpan().SequenceEqual(right.BytesArray),
            CelKind.Timestamp => left.TimestampSeconds == right.TimestampSeconds && left.TimestampNanos == right.TimestampNanos,
            CelKind.Type => left.AsTypeName == right.AsTypeName,
            CelKind.Opaque => left.AsOpaque.TypeName == right.AsOpaque.TypeName && left.AsOpaque.SameAs(right.AsOpaque),
            _ => left.AsError.Equals(right.AsError),
        };
    }

    private static bool Lists(CelList left, CelList right, CelBudget budget, int depth)
    {
        var count = left.Count;
        if (count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (!budget.Charge(1) || !Equal(left[i], right[i], budget, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Maps(CelMap left, CelMap right, CelBudget budget, int depth)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var key in left.Keys)
        {
            // Two look-ups, each by the hash of the key.
            if (!budget.Charge(2 + (PriceOfKey(key) << 1))
                || !left.TryGet(key, budget, out var mine)
                || !right.TryGet(key, budget, out var theirs)
                || !Equal(mine, theirs, budget, depth))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What hashing a key takes beyond the look-up: a text is read whole.</summary>
    public static long PriceOfKey(in CelValue key) => key.Kind == CelKind.String ? key.AsString.Length >> 4 : 0;

    private static bool Optionals(CelOptional left, CelOptional right, CelBudget budget, int depth) =>
        left.HasValue == right.HasValue && (!left.HasValue || Equal(left.Value, right.Value, budget, depth));
}
