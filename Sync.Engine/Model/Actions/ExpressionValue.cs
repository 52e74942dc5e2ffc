using Sync.Cel.Values;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>What an expression gives, as a value that is kept: what a client may not send, an expression may not make.</summary>
internal static class ExpressionValue
{
    public static Outcome<JsonText> Of(CelValue value, int depth)
    {
        if (Check(value, depth, depth) is { } unfit)
        {
            return unfit;
        }

        var json = JsonText.Write(value, static (writer, v) => v.WriteJson(writer));

        // The keys 1 and "1" of one map are two in CEL and one in JSON.
        return value.Kind is CelKind.List or CelKind.Map && JsonRules.CheckForm(json.Span) is { } malformed ? malformed : json;
    }

    private static SyncError? Check(in CelValue value, int left, int depth)
    {
        switch (value.Kind)
        {
            case CelKind.Double when !double.IsFinite(value.AsDouble):
                return new SyncError(ErrorCode.CelError, $"The expression gives {(double.IsNaN(value.AsDouble) ? "NaN" : "an infinite number")}, which JSON has no number for.")
                {
                    Hint = "Ask first, for example: b == 0.0 ? 0.0 : a / b.",
                    Help = "expressions",
                };
            case CelKind.List or CelKind.Map when left == 0:
                return JsonRules.TooDeep("What the expression gives", depth + 1, depth);
            case CelKind.List:
                var list = value.AsList;
                for (var i = 0; i < list.Count; i++)
                {
                    if (Check(list[i], left - 1, depth) is { } unfit)
                    {
                        return unfit;
                    }
                }

                return null;
            case CelKind.Map:
                var map = value.AsMap;
                foreach (var key in map.Keys)
                {
                    if (map.TryGet(key, out var item) && Check(item, left - 1, depth) is { } unfit)
                    {
                        return unfit;
                    }
                }

                return null;
            case CelKind.Optional when value.AsOptional.HasValue:
                return Check(value.AsOptional.Value, left, depth);
            default:
                return null;
        }
    }
}
