using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>The lists library.</summary>
internal static class ListFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        table.Function("lists.range(int) list<int>", Range);
        table.Method("list<T>.slice(int, int) list<T>", Slice);
        table.Method("list<dyn>.flatten() list<dyn>", (ref run, in a) =>
            a.Kind == CelKind.List ? Flatten(a.AsList, 1, ref run) : Errors.NoMatch);
        table.Method("list<dyn>.flatten(int) list<dyn>", (ref run, in a, in b) =>
            a.Kind != CelKind.List || b.Kind != CelKind.Int ? Errors.NoMatch
            : b.AsInt < 0 ? CelValue.Error("`flatten` cannot take a negative depth.")
            : Flatten(a.AsList, b.AsInt, ref run));
        table.Method("list<T>.distinct() list<T>", Distinct);
        table.Method("list<T>.sort() list<T>", (ref run, in a) => a.Kind == CelKind.List ? ListSort.Sort(a.AsList, a.AsList, ref run) : Errors.NoMatch);
        table.Method("list<int>.sum() int; list<uint>.sum() uint; list<double>.sum() double; list<duration>.sum() duration", Sum);
        table.Method("list<T>.first() optional<T>", (ref run, in a) =>
            a.Kind == CelKind.List ? End(a.AsList, 0) : Errors.NoMatch);
        table.Method("list<T>.last() optional<T>", (ref run, in a) =>
            a.Kind == CelKind.List ? End(a.AsList, a.AsList.Count - 1) : Errors.NoMatch);
    }

    public static CelValue Find(CelList list, in CelValue item, bool isLast, ref Evaluation run)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var at = isLast ? list.Count - 1 - i : i;
            if (!run.Charge(1))
            {
                return Errors.Cost;
            }

            if (Equality.Equal(list[at], item, run.Budget))
            {
                return CelValue.Of((long)at);
            }
        }

        return CelValue.Of(-1L);
    }

    // As in the Kubernetes list library, and ints with doubles, as JSON has them, add up to a double. An empty list's sum is 0.
    private static CelValue Sum(ref Evaluation run, in CelValue a)
    {
        if (a.Kind != CelKind.List)
        {
            return Errors.NoMatch;
        }

        var list = a.AsList;
        if (!run.Charge(list.Count))
        {
            return Errors.Cost;
        }

        var (kind, whole, real) = (list.Count == 0 ? CelKind.Int : list[0].Kind, (Int128)0, 0.0);
        for (var i = 0; i < list.Count; i++)
        {
            var item = list[i];
            if (item.Kind != kind && !(kind is CelKind.Int or CelKind.Double && item.Kind is CelKind.Int or CelKind.Double))
            {
                return Errors.Operator("+", list[0], item);
            }

            kind = item.Kind == CelKind.Double ? CelKind.Double : kind;
            switch (item.Kind)
            {
                case CelKind.Int:
                    whole += item.AsInt;
                    break;
                case CelKind.UInt:
                    whole += item.AsUInt;
                    break;
                case CelKind.Double:
                    real += item.AsDouble;
                    break;
                case CelKind.Duration:
                    whole += item.DurationNanos;
                    break;
                default:
                    return CelValue.Error($"`sum` adds numbers or durations, got {TypeNames.Plain(item)}.", "Take the numbers first: `list.map(x, x.n).sum()`.");
            }
        }

        return kind switch
        {
            CelKind.Double => CelValue.Of(real + (double)whole),
            CelKind.UInt => whole <= ulong.MaxValue ? CelValue.UInt((ulong)whole) : Errors.Overflow,
            _ when whole < long.MinValue || whole > long.MaxValue => kind == CelKind.Duration ? Errors.DurationRange : Errors.Overflow,
            CelKind.Duration => CelValue.Duration((long)whole),
            _ => CelValue.Of((long)whole),
        };
    }

    public static CelValue Reverse(CelList list, ref Evaluation run)
    {
        if (!run.Charge(list.Count))
        {
            return Errors.Cost;
        }

        var items = new ListBuilder(list.Count);
        for (var i = list.Count - 1; i >= 0; i--)
        {
            items.Add(list[i]);
        }

        return items.ToValue();
    }

    private static CelValue End(CelList list, int at) =>
        CelValue.Of(at >= 0 && at < list.Count ? CelOptional.Of(list[at]) : CelOptional.None);

    private static CelValue Range(ref Evaluation run, in CelValue a)
    {
        if (a.Kind != CelKind.Int)
        {
            return Errors.NoMatch;
        }

        if (a.AsInt < 0)
        {
            return CelValue.Error("`lists.range` needs a count of 0 or more.");
        }

        if (!run.Charge(a.AsInt))
        {
            return Errors.Cost;
        }

        var items = new ListBuilder((int)a.AsInt);
        for (var i = 0L; i < a.AsInt; i++)
        {
            items.Add(CelValue.Of(i));
        }

        return items.ToValue();
    }

    private static CelValue Slice(ref Evaluation run, in CelValue a, in CelValue b, in CelValue c)
    {
        if (a.Kind != CelKind.List || b.Kind != CelKind.Int || c.Kind != CelKind.Int)
        {
            return Errors.NoMatch;
        }

        var list = a.AsList;
        if (b.AsInt < 0 || c.AsInt < b.AsInt || c.AsInt > list.Count)
        {
            return CelValue.Error($"`slice({b.AsInt}, {c.AsInt})` is out of range: the list has {list.Count} elements.");
        }

        if (!run.Charge(c.AsInt - b.AsInt))
        {
            return Errors.Cost;
        }

        var items = new ListBuilder((int)(c.AsInt - b.AsInt));
        for (var i = (int)b.AsInt; i < c.AsInt; i++)
        {
            items.Add(list[i]);
        }

        return items.ToValue();
    }

    private static CelValue Flatten(CelList list, long depth, ref Evaluation run)
    {
        // The elements themselves are charged as they come.
        var items = new ListBuilder(Math.Min(list.Count, 16));
        var problem = FlattenInto(ref items, list, Math.Min(depth, Evaluation.MaxValueDepth), ref run);
        return problem.IsError ? problem : items.ToValue();
    }

    private static CelValue FlattenInto(ref ListBuilder items, CelList list, long depth, ref Evaluation run)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (!run.Charge(1))
            {
                return Errors.Cost;
            }

            var item = list[i];
            if (depth == 0 || item.Kind != CelKind.List)
            {
                items.Add(item);
            }
            else if (FlattenInto(ref items, item.AsList, depth - 1, ref run) is { IsError: true } problem)
            {
                return problem;
            }
        }

        return CelValue.Null;
    }

    private static CelValue Distinct(ref Evaluation run, in CelValue a)
    {
        if (a.Kind != CelKind.List)
        {
            return Errors.NoMatch;
        }

        // Scalars are looked up by hash. Containers hash by size only, so they are compared one by one, which the meter sees.
        var seen = new HashSet<CelValue>();
        var containers = new List<CelValue>();
        var items = new ListBuilder(0);
        for (var i = 0; i < a.AsList.Count; i++)
        {
            var item = a.AsList[i];
            if (!run.Charge(4) || !run.ChargeKey(item))
            {
                return Errors.Cost;
            }

            if (item.Kind == CelKind.Double && double.IsNaN(item.AsDouble))
            {
                // It equals nothing, not even itself; in a set every one of them would be looked at for each that comes.
                items.Add(item);
                continue;
            }

            if (item.Kind is CelKind.List or CelKind.Map or CelKind.Optional or CelKind.Bytes or CelKind.Opaque ? IsNew(containers, item, ref run) : seen.Add(item))
            {
                items.Add(item);
            }
        }

        return items.ToValue();
    }

    private static bool IsNew(List<CelValue> containers, in CelValue item, ref Evaluation run)
    {
        foreach (var other in containers)
        {
            if (!run.Charge(1) || Equality.Equal(other, item, run.Budget))
            {
                return false;
            }
        }

        containers.Add(item);
        return true;
    }
}
