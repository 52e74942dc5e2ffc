namespace Sync.Cel;

/// <summary>
/// The language's <c>==</c> (CEL spec: Equality): false between different types, except that numbers compare by value.
/// </summary>
internal static class Equality
{
    /// <summary>
    /// Compares within a budget: elements compared lower <paramref name="budget"/>, and once it is below zero the answer
    /// means nothing. Depth past the bound also spends the budget, so no value can overflow the stack.
    /// </summary>
    public static bool Equal(in CelValue left, in CelValue right, ref long budget, int depth = 0)
    {
        if (left.Kind != right.Kind)
        {
            return left.IsNumber && right.IsNumber && Ordering.CompareNumbers(left, right) == 0;
        }

        switch (left.Kind)
        {
            case CelKind.Null:
                return true;
            case CelKind.Bool or CelKind.Int or CelKind.UInt or CelKind.Duration:
                return left.AsInt == right.AsInt;
            case CelKind.Double:
                return left.AsDouble == right.AsDouble;
            case CelKind.String:
                budget -= left.AsString.Length >> 4;
                return string.Equals(left.AsString, right.AsString);
            case CelKind.Bytes:
                budget -= left.BytesArray.Length >> 4;
                return left.BytesArray.AsSpan().SequenceEqual(right.BytesArray);
            case CelKind.Timestamp:
                return left.TimestampSeconds == right.TimestampSeconds && left.TimestampNanos == right.TimestampNanos;
            case CelKind.Type:
                return left.AsTypeName == right.AsTypeName;
            case CelKind.Opaque:
                return left.AsOpaque.TypeName == right.AsOpaque.TypeName && left.AsOpaque.SameAs(right.AsOpaque);
        }

        if (depth >= Evaluation.MaxValueDepth)
        {
            budget = -1;
            return false;
        }

        return left.Kind switch
        {
            CelKind.List => Lists(left.AsList, right.AsList, ref budget, depth + 1),
            CelKind.Map => Maps(left.AsMap, right.AsMap, ref budget, depth + 1),
            CelKind.Optional => Optionals(left.AsOptional, right.AsOptional, ref budget, depth + 1),
            _ => left.AsError.Equals(right.AsError),
        };
    }

    private static bool Lists(CelList left, CelList right, ref long budget, int depth)
    {
        var count = left.Count;
        if (count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (--budget < 0 || !Equal(left[i], right[i], ref budget, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Maps(CelMap left, CelMap right, ref long budget, int depth)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var key in left.Keys)
        {
            if (--budget < 0
                || !left.TryGet(key, out var mine)
                || !right.TryGet(key, out var theirs)
                || !Equal(mine, theirs, ref budget, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Optionals(CelOptional left, CelOptional right, ref long budget, int depth) =>
        left.HasValue == right.HasValue && (!left.HasValue || Equal(left.Value, right.Value, ref budget, depth));
}
