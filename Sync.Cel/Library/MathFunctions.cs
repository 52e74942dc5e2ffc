using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>The math library. Rounding takes doubles only: integers are promoted in operators, never in calls.</summary>
internal static class MathFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        table.Variadic("math.greatest(number, …) number; math.greatest(list<number>) number", (ref run, arguments) => Extreme(ref run, arguments, sign: 1));
        table.Variadic("math.least(number, …) number; math.least(list<number>) number", (ref run, arguments) => Extreme(ref run, arguments, sign: -1));
        Rounding(table, "ceil", Math.Ceiling);
        Rounding(table, "floor", Math.Floor);
        Rounding(table, "round", static x => Math.Round(x, MidpointRounding.AwayFromZero));
        Rounding(table, "trunc", Math.Truncate);
        table.Function("math.abs(int) int; math.abs(uint) uint; math.abs(double) double", (ref run, in a) => a.Kind switch
        {
            CelKind.Int => a.AsInt == long.MinValue ? Errors.Overflow : CelValue.Of(Math.Abs(a.AsInt)),
            CelKind.UInt => a,
            CelKind.Double => CelValue.Of(Math.Abs(a.AsDouble)),
            _ => Errors.NoMatch,
        });
        table.Function("math.sign(int) int; math.sign(uint) uint; math.sign(double) double", (ref run, in a) => a.Kind switch
        {
            CelKind.Int => CelValue.Of((long)Math.Sign(a.AsInt)),
            CelKind.UInt => CelValue.UInt(a.AsUInt == 0 ? 0UL : 1UL),
            CelKind.Double => double.IsNaN(a.AsDouble) ? a : CelValue.Of((double)Math.Sign(a.AsDouble)),
            _ => Errors.NoMatch,
        });
        table.Function("math.sqrt(number) double", (ref run, in a) => a.Kind switch
        {
            CelKind.Int => CelValue.Of(Math.Sqrt(a.AsInt)),
            CelKind.UInt => CelValue.Of(Math.Sqrt(a.AsUInt)),
            CelKind.Double => CelValue.Of(Math.Sqrt(a.AsDouble)),
            _ => Errors.NoMatch,
        });
        Test(table, "isNaN", double.IsNaN);
        Test(table, "isInf", double.IsInfinity);
        Test(table, "isFinite", double.IsFinite);
    }

    private static void Rounding(FunctionTable.Builder table, string name, Func<double, double> round) =>
        table.Function($"math.{name}(double) double", (ref run, in a) =>
            a.Kind == CelKind.Double ? CelValue.Of(round(a.AsDouble)) : Errors.NoMatch);

    private static void Test(FunctionTable.Builder table, string name, Func<double, bool> test) =>
        table.Function($"math.{name}(double) bool", (ref run, in a) =>
            a.Kind == CelKind.Double ? CelValue.Of(test(a.AsDouble)) : Errors.NoMatch);

    private static CelValue Extreme(ref Evaluation run, ReadOnlySpan<CelValue> arguments, int sign)
    {
        if (arguments is not [{ Kind: CelKind.List } only])
        {
            CelValue best = default;
            for (var i = 0; i < arguments.Length; i++)
            {
                if (!Take(ref best, arguments[i], sign, isFirst: i == 0))
                {
                    return Errors.NoMatch;
                }
            }

            return best;
        }

        var list = only.AsList;
        if (list.Count == 0)
        {
            return CelValue.Error("The greatest or least of an empty list is not defined.", "Guard it: `size(l) > 0 ? math.greatest(l) : 0`.");
        }

        if (!run.Charge(list.Count))
        {
            return Errors.Cost;
        }

        CelValue found = default;
        for (var i = 0; i < list.Count; i++)
        {
            if (!Take(ref found, list[i], sign, isFirst: i == 0))
            {
                return Errors.NoMatch;
            }
        }

        return found;
    }

    private static bool Take(ref CelValue best, in CelValue next, int sign, bool isFirst)
    {
        if (!next.IsNumber)
        {
            return false;
        }

        if (isFirst || Ordering.CompareNumbers(next, best) == sign)
        {
            best = next;
        }

        return true;
    }
}
