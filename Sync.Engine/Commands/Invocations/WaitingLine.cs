using System.Collections.Immutable;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// What a refused invocation can wait for, and in which line. An action that finds its place by an expression waits until that gives one: all its callers stand in one line where the expression says
/// the same to each of them, and each in a line of its own where it depends on who asks or with what. One that takes leases waits until it can have them. Pure.
/// </summary>
internal static class WaitingLine
{
    /// <summary>The line of all who invoke an action.</summary>
    public static string OfAction(string action) => $"action\n{action}";

    /// <summary>The refusal of a call that would wait for what never makes it wait, or null.</summary>
    public static SyncError? Check(RoomState state, string action) =>
        state.Actions.GetValueOrDefault(action) is { } custom ? (CanWait(custom) ? null : NothingToWaitFor(action))
        : BuiltInIds.All.Contains(action) ? (action == BuiltInIds.Claim ? null : NothingToWaitFor(action))
        : null; // It is not there, which says more.

    /// <summary>What a refused invocation stands before; null where waiting is of no use.</summary>
    public static Obstacle? Of(InvocationInput input, SyncError refusal) =>
        refusal.Code == ErrorCode.LeaseHeld && input.Line is { Wanted: { IsEmpty: false } wanted, InTheWay: var inTheWay } ? OfLeases(input, refusal, wanted, inTheWay)
        : refusal.Code == ErrorCode.NothingToWrite && input.Moment.State.Actions.GetValueOrDefault(input.Action) is { } action && Expressions(action).Any() ? OfPlace(input, action, refusal) : null;

    /// <summary>
    /// What a call that stands in line stands before while it is paused: it keeps its place. Where others of its line are paused with it, it stays among them; where they go on, it steps aside, and comes back
    /// to the place of its arrival. Null for a newcomer and for another refusal.
    /// </summary>
    /// <param name="refusal">The refusal.</param>
    /// <param name="before">What the call stands before; null for a newcomer.</param>
    public static Obstacle? OfPaused(SyncError refusal, Obstacle? before)
    {
        if (before is null || refusal.Code != ErrorCode.Paused || refusal.Details?["paused"]?.GetValue<string>() is not { } what)
        {
            return null;
        }

        var stopsLine = what == Pause.Room || (before.Line is not null && what.StartsWith(Pause.OfAction, StringComparison.Ordinal));
        return before with
        {
            Line = stopsLine ? before.Line : $"paused\n{what}",
            Wanted = stopsLine ? before.Wanted : [],
            Condition = Pausing.ConditionOf(what),

            // Nothing else has it go on.
            Reads = [new StateKey(ReservedScopes.Pauses, what)],
            Next = null,
            IsFleeting = false,
        };
    }

    private static bool CanWait(ActionState action) => action.Definition.Lease is { Take.IsEmpty: false } || Expressions(action).Any();

    private static IEnumerable<Expression> Expressions(ActionState action) =>
        action.Definition.Writes.SelectMany(static write => new[] { write.ScopeExpr, write.KeyExpr }).OfType<Expression>();

    private static Obstacle OfLeases(InvocationInput input, SyncError refusal, ImmutableArray<WantedLease> wanted, IReadOnlyCollection<string> inTheWay)
    {
        var reads = inTheWay.Select(static key => new StateKey(ReservedScopes.Leases, key));
        return new Obstacle
        {
            Wanted = wanted,
            Condition = refusal.Details?["condition"]?.GetValue<string>() ?? "",
            Reads = [.. input.Moment.State.Actions.ContainsKey(input.Action) ? reads.Append(new StateKey(ReservedScopes.Actions, input.Action)) : reads],
        };
    }

    private static Obstacle OfPlace(InvocationInput input, ActionState action, SyncError refusal)
    {
        var expressions = Expressions(action).ToList();
        var reads = expressions.ConvertAll(expression => expression.ReadsIn(input.Moment.State, input.Actor.Agent));
        var isOwn = reads.Exists(static read => read.PerAgent) || expressions.Exists(static expression => expression.UsesParams);
        var clock = reads.TrueForAll(static read => read.IsFixed) ? null : ClockOf(input, action, expressions);
        return new Obstacle
        {
            Line = isOwn ? $"{OfAction(input.Action)}\n{input.Actor.Agent}\n{CanonicalJson.Version(JsonText.Of(input.Params))}" : OfAction(input.Action),
            Condition = $"({refusal.Details?["expression"]?.GetValue<string>()}) != null",

            // Another definition may find something; and with each use the next in line has its turn.
            Reads = [.. reads.SelectMany(static read => read.Keys).Append(new StateKey(ReservedScopes.Actions, action.Id)).Distinct()],
            Next = clock?.Next,
            IsFleeting = clock?.IsFleeting ?? false,
        };
    }

    // When the clock alone may have them give something else.
    private static CelClock? ClockOf(InvocationInput input, ActionState action, List<Expression> expressions)
    {
        if (!action.Definition.Params.Bind(input.Params, action.Id, input.Budget).Try(out var bound, out _))
        {
            return null;
        }

        var reader = new RoomActivation(input.Moment, input.Actor.VisibleScopes, input.Actor.Agent, input.Budget);
        var inside = reader.Inside(Frame.OfValue(input.Moment, action, input.Actor.Agent), action.Registrant, CelValue.Of(new ParamsMap(bound)));
        foreach (var expression in expressions)
        {
            expression.Evaluate(inside);
        }

        return inside.Clock;
    }

    private static SyncError NothingToWaitFor(string action) =>
        new SyncError(ErrorCode.InvalidParameter, $"Action '{Identifiers.Shown(action)}' has nothing to stand in line for: it is decided at once.")
        {
            Hint = "Leave 'wait_ms' out. It is for actions that take a lease or find what they write to by an expression ('key_expr'); to invoke another when something has become true, wait for that first.",
            LogMessage = $"Action '{Identifiers.Shown(action)}' has nothing to stand in line for.",
        }.With("field", "wait_ms");
}
