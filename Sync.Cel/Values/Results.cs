using Sync.Cel.Values.Limits;

namespace Sync.Cel.Values;

/// <summary>
/// Settles a result before it leaves: it is measured, and it becomes plain data.
/// <list type="bullet">
/// <item>Measured: <c>cel.bind(a, [x, x], cel.bind(b, [a, a], …))</c> costs little to build and would print to gigabytes. Values read from JSON are trees, and were paid for when they were
/// read; they are counted only inside what the evaluation built, where they may stand many times.</item>
/// <item>Plain: a map that works its values out when asked (<see cref="CelMap.TryGet(string, CelBudget, out CelValue)"/>) is copied with its values. So nothing is left to be
/// evaluated when the result is written, kept or read by another thread.</item>
/// </list>
/// </summary>
internal static class Results
{
    public static CelValue Settle(in CelValue result, CelBudget budget)
    {
        if (!IsContainer(result) || IsTree(result))
        {
            return result;
        }

        var problem = CelValue.Null;
        return TrySettle(result, budget, isBuilt: false, depth: 0, ref problem, out var settled) ? settled : problem;
    }

    private static bool TrySettle(in CelValue value, CelBudget budget, bool isBuilt, int depth, ref CelValue problem, out CelValue settled)
    {
        settled = value;
        if (!budget.Charge(1 + Length(value)))
        {
            problem = Errors.Cost;
            return false;
        }

        if (!IsContainer(value) || (!isBuilt && IsTree(value)))
        {
            return true;
        }

        if (depth >= Evaluation.MaxValueDepth)
        {
            problem = Errors.Depth;
            return false;
        }

        return value.Kind switch
        {
            CelKind.List => TryList(value, budget, isBuilt, depth + 1, ref problem, ref settled),
            CelKind.Map => TryMap(value, budget, isBuilt, depth + 1, ref problem, ref settled),
            _ => TryOptional(value, budget, depth + 1, ref problem, ref settled),
        };
    }

    private static bool TryList(in CelValue value, CelBudget budget, bool isBuilt, int depth, ref CelValue problem, ref CelValue settled)
    {
        var list = value.AsList;
        var copy = list is ArrayList ? null : new CelValue[list.Count];
        isBuilt |= list is ArrayList { Built: true };
        for (var i = 0; i < list.Count; i++)
        {
            var item = list[i];
            if (!TrySettle(item, budget, isBuilt, depth, ref problem, out var plain))
            {
                return false;
            }

            if (copy is null && !item.IsSameAs(plain))
            {
                copy = new CelValue[list.Count];
                for (var before = 0; before < i; before++)
                {
                    copy[before] = list[before];
                }
            }

            if (copy is not null)
            {
                copy[i] = plain;
            }
        }

        settled = copy is null ? value : CelValue.Of(new ArrayList(copy, copy.Length, built: isBuilt));
        return true;
    }

    private static bool TryMap(in CelValue value, CelBudget budget, bool isBuilt, int depth, ref CelValue problem, ref CelValue settled)
    {
        var map = value.AsMap;
        isBuilt |= map is HashMap { Built: true };

        // A map of this library's own is copied only where something inside it is not plain, which is rare.
        var copy = map is HashMap ? null : new HashMap(0, isBuilt);
        var plainKeys = 0;
        foreach (var key in map.Keys)
        {
            if (!budget.Charge(1 + ((map is HashMap ? 2 : 1) * Equality.PriceOfKey(key))))
            {
                problem = Errors.Cost;
                return false;
            }

            if (!map.TryGet(key, budget, out var item))
            {
                continue;
            }

            if (!TrySettle(item, budget, isBuilt, depth, ref problem, out var plain))
            {
                return false;
            }

            if (copy is null && item.IsSameAs(plain))
            {
                plainKeys++;
                continue;
            }

            if (copy is null && !TryCopyPlain(map, plainKeys, budget, isBuilt, ref problem, out copy))
            {
                return false;
            }

            copy!.TryAdd(key, plain); // Made above at the latest.
        }

        settled = copy is null ? value : CelValue.Of(copy);
        return true;
    }

    // The first entries, which were found to be plain as they are.
    private static bool TryCopyPlain(CelMap map, int entries, CelBudget budget, bool isBuilt, ref CelValue problem, out HashMap copy)
    {
        copy = new HashMap(map.Count, isBuilt);
        foreach (var key in map.Keys)
        {
            if (entries == 0)
            {
                break;
            }

            if (!budget.Charge(1 + Equality.PriceOfKey(key)))
            {
                problem = Errors.Cost;
                return false;
            }

            if (map.TryGet(key, budget, out var item))
            {
                copy.TryAdd(key, item);
                entries--;
            }
        }

        return true;
    }

    private static bool TryOptional(in CelValue value, CelBudget budget, int depth, ref CelValue problem, ref CelValue settled)
    {
        if (!value.AsOptional.HasValue)
        {
            return true;
        }

        if (!TrySettle(value.AsOptional.Value, budget, isBuilt: true, depth, ref problem, out var plain))
        {
            return false;
        }

        settled = value.AsOptional.Value.IsSameAs(plain) ? value : CelValue.Of(CelOptional.Of(plain));
        return true;
    }

    private static long Length(in CelValue value) => value.Kind switch
    {
        CelKind.String => value.AsString.Length >> 4,
        CelKind.Bytes => value.BytesArray.Length >> 4,
        _ => 0,
    };

    private static bool IsContainer(in CelValue value) => value.Kind is CelKind.List or CelKind.Map or CelKind.Optional;

    private static bool IsTree(in CelValue value) => value.Kind switch
    {
        CelKind.List => value.AsList is ArrayList { Built: false },
        CelKind.Map => value.AsMap is HashMap { Built: false },
        _ => false,
    };
}
