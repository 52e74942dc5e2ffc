using Sync.Cel.Values;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Model.Actions;

/// <summary>Whether an action can be invoked now, and if not, why.</summary>
/// <param name="Available">Whether enabled, not cooling down, and the guard holds (as far as it is known before parameters are given).</param>
/// <param name="Enabled">Whether it is offered at all.</param>
/// <param name="Reason">An error code word when not available: <c>paused</c>, <c>action_disabled</c>, <c>action_cooldown</c>, <c>precondition_failed</c>, <c>lease_required</c>, <c>lease_held</c>, <c>action_expired</c>.</param>
internal sealed record AvailabilityAnswer(bool Available, bool Enabled, string? Reason)
{
    /// <summary>Who holds the lease that it waits for; null where it waits for none.</summary>
    public string? Holder { get; init; }

    public static AvailabilityAnswer Yes { get; } = new(Available: true, Enabled: true, Reason: null);
}

/// <summary>Works out availability, memoised like views.</summary>
internal static class Availability
{
    /// <summary>The same for an agent: one that is paused can invoke nothing. No expression asks this, whose answers are kept for all.</summary>
    public static AvailabilityAnswer For(RoomActivation reader, ActionState action) =>
        Of(reader, action) is { Available: true } answer
            ? reader.Moment.State.Pauses.OfAgent(reader.Self) is null ? answer : new(Available: false, Enabled: true, ErrorCode.Paused.Name)
            : Of(reader, action);

    public static AvailabilityAnswer Of(RoomActivation reader, ActionState action)
    {
        var moment = reader.Moment;
        if (action.IsShadowed)
        {
            return new(Available: false, Enabled: false, ErrorCode.ReservedId.Name);
        }

        if (action.Definition.Problem is not null)
        {
            return new(Available: false, Enabled: false, ErrorCode.ActionDisabled.Name);
        }

        if (!reader.IsTimely(action.Entry) && action.Entry.Timer is { } timer)
        {
            return timer.Effect == TimerEffect.Delete
                ? new(Available: false, Enabled: false, ErrorCode.ActionExpired.Name)
                : new(Available: false, Enabled: false, ErrorCode.ActionDisabled.Name);
        }

        if (moment.State.Pauses.Of(agent: null, action.Id) is not null)
        {
            return new(Available: false, Enabled: true, ErrorCode.Paused.Name);
        }

        var answer = Guarded(reader, action);
        if (answer.Available && action.Definition.Lease is { } lease && Leased(reader, lease) is { } notNow)
        {
            answer = notNow;
        }

        if (moment.State.Use(action.Id).Cooldown is not { } cooldown)
        {
            return answer;
        }

        reader.Note(cooldown);
        return answer.Available && !moment.HasCooled(cooldown)
            ? new(Available: false, Enabled: true, ErrorCode.ActionCooldown.Name)
            : answer;
    }

    /// <summary>The activation in which an action's <c>if</c> and <c>enabled</c> are evaluated for a reader.</summary>
    public static RoomActivation Inside(RoomActivation reader, ActionState action, CelValue? parameters = null)
    {
        var frame = Frame.OfGuard(reader.Frame, reader.Moment, action);
        return parameters is { } given ? reader.Inside(frame, action.Registrant, given) : reader.Inside(frame, action.Registrant);
    }

    /// <summary>The action as expressions see it: <c>{available, enabled, description, invocations}</c>.</summary>
    public static CelMap Map(RoomActivation reader, ActionState action) => new LazyMap(() => s_fields, field => field switch
    {
        "available" => CelValue.Of(Of(reader, action).Available),
        "enabled" => CelValue.Of(Of(reader, action).Enabled),
        "description" => action.Definition.Description is { } text ? CelValue.Of(text) : CelValue.Null,
        "invocations" => CelValue.Of(reader.Moment.State.Use(action.Id).Count),
        _ => null,
    });

    private static readonly string[] s_fields = ["available", "enabled", "description", "invocations"];

    // As far as keys are known before parameters are: what is held hangs on nothing else.
    private static AvailabilityAnswer? Leased(RoomActivation reader, LeaseSpec lease)
    {
        var moment = reader.Moment;
        foreach (var (key, isTaken) in lease.OpenKeys(reader.Self))
        {
            var held = LiveLeases.Find(moment, key);
            if (isTaken ? held?.Conflicts(lease.Mode ?? LeaseMode.Exclusive, reader.Self) == true : held?.Of(reader.Self) is null)
            {
                return new(Available: false, Enabled: true, (isTaken ? ErrorCode.LeaseHeld : ErrorCode.LeaseRequired).Name) { Holder = held?.First.Agent };
            }
        }

        return null;
    }

    private static AvailabilityAnswer Guarded(RoomActivation reader, ActionState action)
    {
        var definition = action.Definition;
        if (definition.If is null && definition.Enabled is null)
        {
            return AvailabilityAnswer.Yes;
        }

        if (reader.TooDeep)
        {
            return new(Available: false, Enabled: false, ErrorCode.CelError.Name);
        }

        return reader.Pass.Action(
            EvaluationPass.Requested.By(reader, action.Id),
            reader.Clock,
            (reader, action),
            static t =>
            {
                var reads = t.action.Reads.In(t.reader.Moment.State, t.reader.Self);
                return t.action.MemoFor(t.reader.Frame).Get(t.reader, t.reader.Self, reads, isShared: !reads.PerAgent, Payer.Of(t.action.By), t.action, static (action, outer) => Evaluate(outer, action));
            },
            static _ => new(Available: false, Enabled: false, ErrorCode.CelError.Name));
    }

    private static AvailabilityAnswer Evaluate(RoomActivation reader, ActionState action)
    {
        var inside = Inside(reader, action);
        if (action.Definition.Enabled is { } enabled && !enabled.Evaluate(inside).IsTrue)
        {
            return new(Available: false, Enabled: false, ErrorCode.ActionDisabled.Name);
        }

        if (action.Definition.If is not { } guard)
        {
            return AvailabilityAnswer.Yes;
        }

        // Before parameters are given, a guard that hangs on them counts as open: it is an error here only because they are unknown.
        var value = guard.Evaluate(inside);
        var open = value.IsTrue || (value.IsError && guard.UsesParams);
        return open ? AvailabilityAnswer.Yes : new(Available: false, Enabled: true, ErrorCode.PreconditionFailed.Name);
    }
}
