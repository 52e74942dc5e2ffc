using Sync.Cel.RegularExpressions;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>The functions of the language definition that are no conversions and not about time.</summary>
internal static class StandardFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        const string Sizes = "size(string) int; size(bytes) int; size(list<T>) int; size(map<K,V>) int";
        table.Function(Sizes, Size);
        table.Method("string.size() int; bytes.size() int; list<T>.size() int; map<K,V>.size() int", Size);
        table.Method("string.contains(string) bool", (ref run, in a, in b) =>
            !AreTexts(a, b) ? Errors.NoMatch
            : run.ChargeSearch(a.AsString.Length, b.AsString.Length) ? CelValue.Of(a.AsString.Contains(b.AsString, StringComparison.Ordinal))
            : Errors.Cost);
        table.Method("string.startsWith(string) bool", (ref run, in a, in b) =>
            !AreTexts(a, b) ? Errors.NoMatch
            : run.ChargeText(b.AsString.Length) ? CelValue.Of(a.AsString.StartsWith(b.AsString, StringComparison.Ordinal))
            : Errors.Cost);
        table.Method("string.endsWith(string) bool", (ref run, in a, in b) =>
            !AreTexts(a, b) ? Errors.NoMatch
            : run.ChargeText(b.AsString.Length) ? CelValue.Of(a.AsString.EndsWith(b.AsString, StringComparison.Ordinal))
            : Errors.Cost);
        table.Method("string.matches(string) bool", Matches);
        table.Function("matches(string, string) bool", Matches);
    }

    private static CelValue Size(ref Evaluation run, in CelValue a) => a.Kind switch
    {
        CelKind.String => run.ChargeText(a.AsString.Length) ? CelValue.Of((long)CodePoints.Count(a.AsString)) : Errors.Cost,
        CelKind.Bytes => CelValue.Of((long)a.BytesArray.Length),
        CelKind.List => CelValue.Of((long)a.AsList.Count),
        CelKind.Map => CelValue.Of((long)a.AsMap.Count),
        _ => Errors.NoMatch,
    };

    private static CelValue Matches(ref Evaluation run, in CelValue a, in CelValue b)
    {
        if (!AreTexts(a, b))
        {
            return Errors.NoMatch;
        }

        var program = RegexCache.Get(b.AsString, run.Budget.Left, out var cost, out var problem);
        return !run.Charge(cost) ? Errors.Cost
            : program is null ? CelValue.Error(problem ?? "", "Patterns are RE2; write a backslash as r\"\\d+\".")
            : run.Charge(program.Cost(a.AsString.Length)) ? CelValue.Of(program.IsMatch(a.AsString))
            : Errors.Cost;
    }

    private static bool AreTexts(in CelValue a, in CelValue b) => a.Kind == CelKind.String && b.Kind == CelKind.String;
}
