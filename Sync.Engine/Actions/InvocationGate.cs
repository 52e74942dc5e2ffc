using System.Text.Json.Nodes;
using Sync.Cel;
using Sync.Engine.Expressions;
using Sync.Engine.Json;
using Sync.Engine.Timers;

namespace Sync.Engine.Actions;

/// <summary>The checks between finding an action and building its writes.</summary>
internal static class InvocationGate
{
    public static SyncError? CheckTimers(Moment moment, ActionState action)
    {
        if (action.Entry.Timer is { } timer && timer.HasFired(moment.Now) == (timer.Effect == TimerEffect.Delete))
        {
            return timer.Effect == TimerEffect.Delete
                ? Expired(action.Id)
                : WithClock(new SyncError(ErrorCode.ActionDisabled, $"Action '{action.Id}' is not available yet.") { Hint = "Wait until its timer enables it." }, timer).With("action", action.Id);
        }

        if (moment.State.Use(action.Id).Cooldown is { } cooldown && !cooldown.HasFired(moment.Now))
        {
            return WithClock(new SyncError(ErrorCode.ActionCooldown, $"Action '{action.Id}' is cooling down after its last use.")
            {
                Hint = $"Wait for actions[\"{action.Id}\"].available.",
            }, cooldown).With("action", action.Id);
        }

        return null;
    }

    public static SyncError Expired(string action) =>
        new SyncError(ErrorCode.ActionExpired, $"Action '{action}' has expired.") { Hint = "Register it again if it is still needed." }.With("action", action);

    public static SyncError? CheckEnabled(RoomActivation reader, ActionState action)
    {
        if (action.Definition.Enabled is not { } enabled)
        {
            return null;
        }

        var inside = Availability.Inside(reader, action);
        var value = enabled.Evaluate(inside);
        if (TooDear(inside, action, enabled, "enabled") is { } limit)
        {
            return limit;
        }

        return value.IsTrue ? null : Explained(
            new SyncError(ErrorCode.ActionDisabled, $"Action '{action.Id}' is not enabled now{Because(value)}.")
            {
                Hint = $"Wait until this holds: {enabled.Source}",
            }, enabled, inside).With("action", action.Id);
    }

    public static SyncError? CheckGuard(RoomActivation inside, ActionState action)
    {
        if (action.Definition.If is not { } guard)
        {
            return null;
        }

        var value = guard.Evaluate(inside);
        if (TooDear(inside, action, guard, "if") is { } limit)
        {
            return limit;
        }

        return value.IsTrue ? null : Explained(
            new SyncError(ErrorCode.PreconditionFailed, $"The condition of action '{action.Id}' does not hold{Because(value)}.")
            {
                Hint = value.IsError && value.AsError.Hint is { } hint ? hint : "The parts show which one is false; change the state or the parameters, or wait until it holds.",
                Help = "expressions",
            }, guard, inside).With("action", action.Id);
    }

    // Nothing is known of the condition then, and its parts would cost as much again.
    private static SyncError? TooDear(RoomActivation inside, ActionState action, Expression expression, string field) =>
        inside.Budget.IsExhausted ? Expression.Refusal(CelBudget.Exceeded.AsError, expression.Source, field).With("action", action.Id) : null;

    /// <summary>The parts of an expression with the values they had, as error details.</summary>
    public static JsonArray Parts(Expression expression, RoomActivation inside)
    {
        var parts = new JsonArray();
        foreach (var part in expression.Explain(inside))
        {
            JsonNode? value = part.Value.IsError
                ? new JsonObject { ["_error"] = part.Value.AsError.Message }
                : JsonText.Write(part.Value, static (writer, v) => v.WriteJson(writer)).ToNode();
            parts.Add((JsonNode)new JsonObject { ["expression"] = part.Expression, ["value"] = value });
        }

        return parts;
    }

    private static SyncError Explained(SyncError error, Expression expression, RoomActivation inside) =>
        error.With("expression", expression.Source).With("parts", Parts(expression, inside));

    private static string Because(CelValue value) => value.IsError ? $": {value.AsError.Message.TrimEnd('.')}" : "";

    private static SyncError WithClock(SyncError error, EntryTimer timer) => timer.At is { } at
        ? error.With("available_at", JsonValue.Create(at.UtcDateTime))
        : error.With("ticks_remaining", timer.TicksLeft).With("tick_on", $"{timer.TickScope}.{timer.TickKey}");
}
