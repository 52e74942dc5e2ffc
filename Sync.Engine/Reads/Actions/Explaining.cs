using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Reads.Actions;

/// <summary>Explains why an action is or is not available: every check of an invocation with what it found.</summary>
internal static class Explaining
{
    public static Outcome<Explanation> Explain(Moment moment, Actor actor, string id, JsonElement given, CelBudget budget)
    {
        if (BuiltIn.Find(id) is { } builtIn)
        {
            return Explain(moment, actor, builtIn, given);
        }

        if (moment.State.Actions.GetValueOrDefault(id) is not { } action)
        {
            return Invocation.NotFound(moment.State, id);
        }

        var reader = new RoomActivation(moment, actor.VisibleScopes, actor.Agent, budget);
        var secrets = Secrets.Of(action.Definition.Params, given);
        var refusals = new List<SyncError>();
        var pause = Pausing.Check(moment.State, actor, id, given);
        var clock = InvocationPreconditions.CheckTimers(moment, action);
        refusals.AddRange(new[] { pause, clock }.OfType<SyncError>());

        ExplainedCheck? whenShown = null;
        if (action.Definition.Enabled is { } enabled)
        {
            whenShown = Check(enabled, Availability.Inside(reader, action), InvocationPreconditions.CheckEnabled(reader, action, actor.VisibleScopes), refusals, actor.VisibleScopes, secrets, awaited: []);
        }

        var (parameters, wrong) = Bind(action, given, budget);
        var lease = LeaseRefusal(moment, actor, action, given, parameters is not null, budget);
        refusals.AddRange(new[] { wrong, lease }.OfType<SyncError>());

        ExplainedCheck? whenAllowed = null;
        if (action.Definition.If is { } guard)
        {
            var inside = Availability.Inside(reader, action, parameters);
            var open = parameters is null && guard.UsesParams && guard.Evaluate(inside).IsError;
            var awaited = parameters is null && guard.UsesParams ? action.Definition.DependsOn : [];
            whenAllowed = Check(guard, inside, open ? null : InvocationPreconditions.CheckGuard(inside, action, actor.VisibleScopes), refusals, actor.VisibleScopes, secrets, awaited) with
            {
                DependsOn = open ? awaited : [],
            };
        }

        return new Explanation
        {
            Action = id,
            Agent = actor.Agent,
            IsAvailable = refusals.Count == 0,
            Timer = Public(clock, secrets)?.Details,
            Enabled = whenShown,
            Lease = Public(lease, secrets),
            Params = Public(wrong, secrets),
            If = whenAllowed,
            Reason = Public(refusals.FirstOrDefault(), secrets),
        };
    }

    private static Explanation Explain(Moment moment, Actor actor, BuiltIn builtIn, JsonElement given)
    {
        var pause = Pausing.Check(moment.State, actor, builtIn.Id, given);
        return new Explanation { Action = builtIn.Id, Agent = actor.Agent, IsAvailable = actor.Level >= builtIn.Needs && pause is null, IsBuiltIn = true, Reason = pause };
    }

    private static SyncError? LeaseRefusal(Moment moment, Actor actor, ActionState action, JsonElement given, bool isBound, CelBudget budget)
    {
        if (action.Definition.Lease is null)
        {
            return null;
        }

        IReadOnlyDictionary<string, JsonElement> bound = isBound && action.Definition.Params.Bind(given, action.Id, budget).Try(out var known, out _) ? known : new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var input = new InvocationInput(moment, actor, action.Id, given, new RoomLimits(), budget);
        return new LeaseStep(input, action, bound, new WorkingCopy(moment).Leases).Explain(isBound);
    }

    // Null and no refusal where no parameters are given: some checks are open then.
    private static (CelValue? Parameters, SyncError? Refusal) Bind(ActionState action, JsonElement given, CelBudget budget) =>
        given.ValueKind != JsonValueKind.Object ? (null, null)
        : action.Definition.Params.Bind(given, action.Definition.Id, budget).Try(out var bound, out var wrong) ? (CelValue.Of(new ParamsMap(bound)), null)
        : (null, wrong);

    private static SyncError? Public(SyncError? refusal, Secrets? secrets) => refusal is null || secrets is null ? refusal : secrets.TakeOut(refusal);

    private static ExplainedCheck Check(Expression expression, RoomActivation inside, SyncError? refusal, List<SyncError> refusals, VisibleScopes visible, Secrets? secrets, ImmutableArray<string> awaited)
    {
        if (refusal is not null)
        {
            refusals.Add(refusal);
        }

        var parts = InvocationPreconditions.Parts(expression, inside, visible, awaited);
        return new ExplainedCheck(secrets?.TakeOut(expression.Source) ?? expression.Source, refusal is null, secrets?.TakeOut(parts) ?? parts);
    }
}
