using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>The optional library; <c>optMap</c> and <c>optFlatMap</c> are macros.</summary>
internal static class OptionalFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        table.Function("optional.none() optional<T>", static (ref run) => CelValue.Of(CelOptional.None));
        table.Function("optional.of(T) optional<T>", (ref run, in a) => CelValue.Of(CelOptional.Of(a)));
        table.Function("optional.ofNonZeroValue(T) optional<T>", (ref run, in a) => CelValue.Of(IsZero(a) ? CelOptional.None : CelOptional.Of(a)));
        table.Function("optional.unwrap(list<optional<T>>) list<T>", Unwrap);
        table.Method("list<optional<T>>.unwrapOpt() list<T>", Unwrap);
        table.Method("optional<T>.hasValue() bool", (ref run, in a) =>
            a.Kind == CelKind.Optional ? CelValue.Of(a.AsOptional.HasValue) : Errors.NoMatch);
        table.Method("optional<T>.value() T", (ref run, in a) =>
            a.Kind != CelKind.Optional ? Errors.NoMatch
            : a.AsOptional.HasValue ? a.AsOptional.Value
            : CelValue.Error("The optional has no value: optional.none() dereference.", "Use `x.orValue(d)` or test `x.hasValue()`."));
        table.Method("optional<T>.or(optional<T>) optional<T>", (ref run, in a, in b) =>
            a.Kind == CelKind.Optional && b.Kind == CelKind.Optional ? (a.AsOptional.HasValue ? a : b) : Errors.NoMatch);
        table.Method("optional<T>.orValue(T) T", (ref run, in a, in b) =>
            a.Kind != CelKind.Optional ? Errors.NoMatch : a.AsOptional.HasValue ? a.AsOptional.Value : b);
    }

    private static CelValue Unwrap(ref Evaluation run, in CelValue a)
    {
        if (a.Kind != CelKind.List)
        {
            return Errors.NoMatch;
        }

        var items = new ListBuilder(0);
        for (var i = 0; i < a.AsList.Count; i++)
        {
            var item = a.AsList[i];
            if (!run.Charge(1))
            {
                return Errors.Cost;
            }

            if (item.Kind != CelKind.Optional)
            {
                return Errors.NoMatch;
            }

            if (item.AsOptional.HasValue)
            {
                items.Add(item.AsOptional.Value);
            }
        }

        return items.ToValue();
    }

    private static bool IsZero(in CelValue value) => value.Kind switch
    {
        CelKind.Null => true,
        CelKind.Bool or CelKind.Int or CelKind.UInt or CelKind.Duration => value.AsInt == 0,
        CelKind.Double => value.AsDouble == 0,
        CelKind.String => value.AsString.Length == 0,
        CelKind.Bytes => value.BytesArray.Length == 0,
        CelKind.List => value.AsList.Count == 0,
        CelKind.Map => value.AsMap.Count == 0,
        CelKind.Timestamp => value is { TimestampSeconds: 0, TimestampNanos: 0 },
        CelKind.Optional => !value.AsOptional.HasValue,
        _ => false,
    };
}
