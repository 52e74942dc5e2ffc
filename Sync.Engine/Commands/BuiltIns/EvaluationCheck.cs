using System.Text.Json.Nodes;
using Sync.Cel.Values;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// Tells a condition that fails whenever it is evaluated from one that is false for now: text that stands where a number or an instant is wanted never becomes one by itself. What fails for want of
/// a value is not doubted, since the value may come to be.
/// </summary>
internal static class EvaluationCheck
{
    public const string Code = "condition_fails";

    /// <summary>Evaluates a condition as far as that is cheap, and gives the warning where it fails; null for all others.</summary>
    public static JsonObject? Look(Expression condition, RoomActivation activation, string field, VisibleScopes reader)
    {
        if (condition.UsesParams)
        {
            return null;
        }

        var own = activation.OnBudget(activation.Moment.State.Language.NewSmallBudget());
        var value = condition.Evaluate(own);
        return value.IsError ? Warning(condition, value.AsError, own, field, reader) : null;
    }

    /// <summary>The warning for an error that a condition has just given in this activation, or null.</summary>
    public static JsonObject? Warning(Expression condition, CelError error, RoomActivation activation, string field, VisibleScopes reader)
    {
        if (error.Code != "cel_error" || error.IsOfNull || !ErrorRedaction.MayRead(reader, activation.TakeTouched()))
        {
            return null;
        }

        var meant = condition.Mended(error, activation, activation.Moment.State.Language, isCondition: true);
        return Warnings.Of(Code, field, $"The condition fails as the room is now, which counts as not true: {error.Message}", meant is null ? error.Hint : $"Write `{meant}`.");
    }

    /// <summary>Adds it, unless a warning says the same already.</summary>
    public static void AddTo(IList<JsonObject> warnings, JsonObject? failing)
    {
        if (failing is not null && !warnings.Any(warning => warning["field"]?.GetValue<string>() == failing["field"]!.GetValue<string>() && warning["hint"]?.GetValue<string>() == failing["hint"]?.GetValue<string>()))
        {
            warnings.Add(failing);
        }
    }
}
