using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>The sets library: lists taken as sets.</summary>
internal static class SetFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        table.Function("sets.contains(list<T>, list<T>) bool", (ref run, in a, in b) =>
            AreLists(a, b) ? CelValue.Of(Contains(a.AsList, b.AsList, ref run)) : Errors.NoMatch);
        table.Function("sets.equivalent(list<T>, list<T>) bool", (ref run, in a, in b) =>
            AreLists(a, b) ? CelValue.Of(Contains(a.AsList, b.AsList, ref run) && Contains(b.AsList, a.AsList, ref run)) : Errors.NoMatch);
        table.Function("sets.intersects(list<T>, list<T>) bool", Intersects);
    }

    private static bool AreLists(in CelValue a, in CelValue b) => a.Kind == CelKind.List && b.Kind == CelKind.List;

    private static bool Contains(CelList all, CelList part, ref Evaluation run)
    {
        for (var i = 0; i < part.Count; i++)
        {
            if (!run.Charge(1) || ListFunctions.Find(all, part[i], isLast: false, ref run) is not { Kind: CelKind.Int, AsInt: >= 0 })
            {
                return false;
            }
        }

        return true;
    }

    private static CelValue Intersects(ref Evaluation run, in CelValue a, in CelValue b)
    {
        if (!AreLists(a, b))
        {
            return Errors.NoMatch;
        }

        for (var i = 0; i < b.AsList.Count; i++)
        {
            // Also where the other list is empty.
            if (!run.Charge(1))
            {
                return Errors.Cost;
            }

            if (ListFunctions.Find(a.AsList, b.AsList[i], isLast: false, ref run) is { Kind: CelKind.Int, AsInt: >= 0 })
            {
                return CelValue.Of(true);
            }
        }

        return CelValue.Of(false);
    }
}
