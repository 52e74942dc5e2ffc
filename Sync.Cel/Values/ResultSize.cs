namespace Sync.Cel;

/// <summary>
/// Measures a result before it leaves: <c>cel.bind(a, [x, x], cel.bind(b, [a, a], …))</c> costs little to build and would print
/// to gigabytes. Containers that evaluation did not build are trees by construction and are counted only inside built ones.
/// </summary>
internal static class ResultSize
{
    public static CelValue Check(in CelValue result, ref long budget)
    {
        var built = result.Kind switch
        {
            CelKind.List => result.AsList is ArrayList { Built: true },
            CelKind.Map => result.AsMap is HashMap { Built: true },
            CelKind.Optional => true,
            _ => false,
        };
        if (!built)
        {
            return result;
        }

        return Walk(result, ref budget, depth: 0) ? result : budget < 0 ? Errors.Cost : Errors.Depth;
    }

    private static bool Walk(in CelValue value, ref long budget, int depth)
    {
        if (--budget < 0)
        {
            return false;
        }

        switch (value.Kind)
        {
            case CelKind.String:
                return (budget -= value.AsString.Length >> 4) >= 0;
            case CelKind.Bytes:
                return (budget -= value.BytesArray.Length >> 4) >= 0;
            case CelKind.List or CelKind.Map or CelKind.Optional when depth >= Evaluation.MaxValueDepth:
                return false;
            case CelKind.Optional:
                return !value.AsOptional.HasValue || Walk(value.AsOptional.Value, ref budget, depth + 1);
            case CelKind.List:
                var list = value.AsList;
                for (var i = 0; i < list.Count; i++)
                {
                    if (!Walk(list[i], ref budget, depth + 1))
                    {
                        return false;
                    }
                }

                return true;
            case CelKind.Map:
                var map = value.AsMap;
                foreach (var key in map.Keys)
                {
                    if (!Walk(key, ref budget, depth + 1)
                        || (map.TryGet(key, out var item) && !Walk(item, ref budget, depth + 1)))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return true;
        }
    }
}
