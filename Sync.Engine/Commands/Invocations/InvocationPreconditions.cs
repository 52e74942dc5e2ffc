using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>The checks between finding an action and building its writes.</summary>
internal static class InvocationPreconditions
{
    // Enough to see who holds what; a whole scope is read in the context, and of a long list or map its size says more than its beginning.
    private const int MaxPart = 1_000;
    private const int MaxCollection = 400;

    public static SyncError? CheckTimers(Moment moment, ActionState action)
    {
        if (action.Definition.Problem is { } problem)
        {
            return new SyncError(ErrorCode.ActionDisabled, $"Action '{action.Id}' was registered under older rules and cannot be used: {problem.Message}")
            {
                Hint = "Register it again.",
            }.With("action", action.Id);
        }

        if (action.Entry.Timer is { } timer && moment.HasFired(timer) == (timer.Effect == TimerEffect.Delete))
        {
            return timer.Effect == TimerEffect.Delete
                ? Expired(action.Id)
                : WithClock(new SyncError(ErrorCode.ActionDisabled, $"Action '{action.Id}' is not available yet.") { Hint = "Wait until its timer enables it.", LogMessage = $"Action '{action.Id}' was not available yet." }, timer).With("action", action.Id);
        }

        if (moment.State.Use(action.Id).Cooldown is { } cooldown && !moment.HasCooled(cooldown))
        {
            return WithClock(new SyncError(ErrorCode.ActionCooldown, $"Action '{action.Id}' is cooling down after its last use.")
            {
                Hint = $"Wait for actions[\"{action.Id}\"].available.",
                LogMessage = $"Action '{action.Id}' was cooling down.",
            }, cooldown).With("action", action.Id);
        }

        return null;
    }

    public static SyncError Expired(string action) =>
        new SyncError(ErrorCode.ActionExpired, $"Action '{action}' has expired.") { Hint = "Register it again if it is still needed.", LogMessage = $"Action '{action}' has expired." }.With("action", action);

    public static SyncError? CheckEnabled(RoomActivation reader, ActionState action, VisibleScopes visible)
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

        return value.IsTrue ? null : value.IsError ? Failing(ErrorCode.ActionDisabled, "'enabled'", action, enabled, value.AsError, inside, visible) : Explained(
            new SyncError(ErrorCode.ActionDisabled, $"Action '{action.Id}' is not enabled now{Because(value)}.")
            {
                Hint = NoBoolean(value, enabled) ?? $"Wait until this holds: {enabled.Source}",
                LogMessage = $"Action '{action.Id}' was not enabled.",
            }, enabled, inside, visible).With("action", action.Id);
    }

    public static SyncError? CheckGuard(RoomActivation inside, ActionState action, VisibleScopes visible)
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

        return value.IsTrue ? null : value.IsError ? Failing(ErrorCode.PreconditionFailed, "The condition", action, guard, value.AsError, inside, visible) : Explained(
            new SyncError(ErrorCode.PreconditionFailed, $"The condition of action '{action.Id}' does not hold{Because(value)}.")
            {
                LogMessage = $"The condition of action '{action.Id}' did not hold.",
                Hint = NoBoolean(value, guard) ?? "The parts show which one is false; change the state or the parameters, or wait until it holds.",
                Help = "expressions",
            }, guard, inside, visible).With("action", action.Id);
    }

    // Nothing is known of the condition then, and its parts would cost as much again.
    private static SyncError? TooDear(RoomActivation inside, ActionState action, Expression expression, string field) =>
        inside.Budget.IsExhausted ? Expression.Refusal(CelBudget.Exceeded.AsError, expression.Source, field).With("action", action.Id) : null;

    /// <summary>The parts of an expression with the values they had, and what they compared, as far as the reader may see it.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="inside">What it is evaluated over.</param>
    /// <param name="reader">What the reader sees.</param>
    /// <param name="awaited">The parameters that it reads and that are not given: what cannot be told without them names them. Empty where parameters are given.</param>
    public static JsonArray Parts(Expression expression, RoomActivation inside, VisibleScopes reader, IReadOnlyCollection<string> awaited)
    {
        var parts = new JsonArray();
        foreach (var part in expression.Parts)
        {
            var node = Part(part, expression, inside, reader, awaited);
            var operands = part.Operands.Select(operand => Part(operand, expression, inside, reader, awaited)).Where(static operand => !operand.ContainsKey("depends_on")).ToList();
            if (operands.Count > 0)
            {
                node["operands"] = new JsonArray([.. operands]);
            }

            parts.Add((JsonNode)node);
        }

        return parts;
    }

    private static JsonObject Part(CelPart part, Expression expression, RoomActivation inside, VisibleScopes reader, IReadOnlyCollection<string> awaited)
    {
        inside.TakeTouched();
        inside.NamesSelf = expression.NamesSelf;
        var value = part.Evaluate(inside, inside.Budget);
        var json = value.IsError ? default : JsonText.Write(value, static (writer, v) => v.WriteJson(writer));
        var node = new JsonObject { ["expression"] = part.Expression };
        if (!ErrorRedaction.MayRead(reader, inside.TakeTouched()))
        {
            node["withheld"] = true;
        }
        else if (value.IsError && awaited.Count > 0 && part.Expression.Contains("params", StringComparison.Ordinal))
        {
            var named = awaited.Where(path => part.Expression.Contains(path, StringComparison.Ordinal)).ToList();
            node["depends_on"] = new JsonArray([.. named.Count > 0 ? named : awaited]);
        }
        else if (value.IsError)
        {
            node["value"] = new JsonObject { ["_error"] = value.AsError.Message };
        }
        else if (json.Length > MaxCollection && json.Kind is JsonValueKind.Object or JsonValueKind.Array)
        {
            using var document = json.Parse();
            var isList = json.Kind == JsonValueKind.Array;
            node["type"] = isList ? "list" : "map";
            node["size"] = isList ? document.RootElement.GetArrayLength() : document.RootElement.GetPropertyCount();
            node["elided"] = true;
        }
        else if (json.Length > MaxPart)
        {
            node["elided"] = true;
        }
        else
        {
            node["value"] = json.ToNode();
        }

        return node;
    }

    private static SyncError Explained(SyncError error, Expression expression, RoomActivation inside, VisibleScopes reader) =>
        error.With("expression", expression.Source).With("parts", Parts(expression, inside, reader, awaited: []));

    // A condition that fails is not false: nobody waits for it to hold who knows what is wrong with it. What failed is for who may know it.
    private static SyncError Failing(ErrorCode code, string what, ActionState action, Expression condition, CelError error, RoomActivation inside, VisibleScopes reader)
    {
        var mayRead = ErrorRedaction.MayRead(reader, inside.TakeTouched());
        error = mayRead ? error : ErrorRedaction.Unspecific(error);
        var refusal = Explained(
            new SyncError(code, $"{what} of action '{action.Id}' fails with an error, which counts as not true: {error.Message}")
            {
                LogMessage = $"{what} of action '{action.Id}' failed with an error.",
                Help = "expressions",
            }, condition, inside, reader).With("action", action.Id).With("cause", error.Code);
        var meant = mayRead ? condition.Mended(error, inside, inside.Moment.State.Language, isCondition: true) : null;
        return refusal with
        {
            Hint = meant is not null ? $"Write `{meant}`. Whoever registered the action can mend it so."
                : error.IsOfNull ? $"{error.Hint} Or change the state or the parameters."
                : mayRead ? $"{error.Hint} Whoever registered the action can mend it.".TrimStart()
                : error.Hint,
        };
    }

    private static string Because(in CelValue value) =>
        value.Kind == CelKind.Bool ? ""
        : $": it gives {ValueTypes.Named(value)}, and a condition is true or false";

    // What is neither true nor false never holds, whatever anybody changes.
    private static string? NoBoolean(in CelValue value, Expression condition) =>
        value.Kind == CelKind.Bool ? null : $"Whoever registered it can mend it. {ValueTypes.Instead("bool", ValueTypes.Of(value), condition.Source)}";

    private static SyncError WithClock(SyncError error, EntryTimer timer) => timer.At is { } at
        ? error.With("available_at", JsonValue.Create(at.UtcDateTime))
        : error.With("ticks_remaining", timer.TicksLeft).With("tick_on", $"{timer.TickScope}.{timer.TickKey}");
}
