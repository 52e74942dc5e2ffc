using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Commands.Reverts;
using Sync.Engine.Commands.Rules;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Help;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Invocations;

/// <summary>The input of an invocation.</summary>
/// <param name="Moment">The room before it.</param>
/// <param name="Actor">Who acts.</param>
/// <param name="Action">The action's id.</param>
/// <param name="Params">The parameters as given.</param>
/// <param name="Limits">The room's bounds.</param>
/// <param name="Budget">What its expressions may spend, all together.</param>
internal sealed record InvocationInput(Moment Moment, Actor Actor, string Action, JsonElement Params, RoomLimits Limits, CelBudget Budget)
{
    public bool DryRun { get; init; }

    /// <summary>What the invoker agrees to have published.</summary>
    public ImmutableArray<string> Consent { get; init; } = [];

    /// <summary>The version that the definition must still have, or null.</summary>
    public string? IfActionVersion { get; init; }

    /// <summary>The fence of the lease that it rests on, or null.</summary>
    public long? Fence { get; init; }

    /// <summary>What it follows from, or null.</summary>
    public Cause? Because { get; init; }

    /// <summary>The leases that others stand in line for; null where nobody is asked, as by a dry run.</summary>
    public LeasesInLine? Line { get; init; }

    /// <summary>What the log says of what is to be reverted; null of everything else.</summary>
    public RevertPlan? Revert { get; init; }

    /// <summary>Whether it is a step of a batch: what nobody asked for is not worked out a hundred times in one request.</summary>
    public bool IsStep { get; init; }

    /// <summary>Whether the engine invokes it for a hold of a lease that ended: it takes none.</summary>
    public bool IsLapse { get; init; }

    /// <summary>The number of the event that it becomes. The steps of a batch share one, so that a step's is not the next of the state that it sees.</summary>
    public long EventSeq { get; init; } = Moment.State.Seq + 1;

    /// <summary>How the surface that asks says calls.</summary>
    public IStepRenderer Steps { get; init; } = PlainSteps.Instance;

    /// <summary>On whose rights it rests, for an approval that it asks for.</summary>
    public InvocationOrigin Origin { get; init; } = InvocationOrigin.Nobody;

    /// <summary>Finds out who stands behind an approval, for the decision on one.</summary>
    public IApprovalIdentities? Identities { get; init; }

    /// <summary>Who decides on it, where it is accepted; null for an invocation that stops where somebody has to decide.</summary>
    public Decider? AcceptedBy { get; init; }

    /// <summary>The parameters that the invoker gave, where a decider gave others: only what is still theirs is their word. Null where all are the invoker's.</summary>
    public JsonElement? EditedFrom { get; init; }

    /// <summary>The event that it becomes, without what it changes.</summary>
    /// <param name="parameters">The parameters as the log has them, or null.</param>
    public RoomEvent Head(JsonText? parameters) => new()
    {
        Seq = EventSeq,
        At = Moment.Now,
        Kind = EventKind.Invoked,
        Agent = Actor.Agent,
        Action = Action,
        Params = parameters,
        ByPerson = Actor.InBrowser,
        Because = Because,
    };
}

/// <summary>The result of an accepted invocation: the event, the state after it, the answer.</summary>
/// <param name="Event">The event; null when nothing is written (reading help).</param>
/// <param name="After">The state after it.</param>
/// <param name="WriteAnswer">Writes the answer as UTF-8 JSON. Called once, by whoever answers: a step of a batch is told in the batch's answer.</param>
internal sealed record InvocationEffect(RoomEvent? Event, RoomState After, Func<JsonText> WriteAnswer)
{
    /// <summary>The private scopes that its <c>result</c> was made of.</summary>
    public ImmutableArray<string> ResultReads { get; init; } = [];

    /// <summary>What the answer is made of; null when nothing is written.</summary>
    public AnswerBody? Body { get; init; }

    /// <summary>Its writes as the answer has them, those of all steps of a batch.</summary>
    public IReadOnlyList<AnswerWrite> Writes { get => field ?? Body?.Writes ?? []; init; }

    /// <summary>What asks that somebody decides before it is done: the action itself, and the rules of the places that it writes.</summary>
    public ImmutableArray<ApprovalRule> RequiredApprovals { get; init; } = [];

    /// <summary>The keys of the leases that the invoker has to hold for it.</summary>
    public ImmutableArray<string> HeldLeases { get; init; } = [];

    /// <summary>The approval that it asks for; null where it is done at once.</summary>
    public string? Approval { get; init; }
}

/// <summary>
/// One invocation, as a pure function of (room, actor, request, time). The stages, in the order a caller meets them:
/// <list type="number">
/// <item>level and identity</item>
/// <item>find the action</item>
/// <item><c>if_action_version</c></item>
/// <item>whether it, its agent or the room is paused</item>
/// <item>its timer and cooldown</item>
/// <item><c>enabled</c></item>
/// <item>parameters</item>
/// <item>the leases that it needs or ends, and the fence</item>
/// <item><c>if</c></item>
/// <item>targets and values of the writes; expressions see the state before</item>
/// <item>authority, per write</item>
/// <item>the rules of the places that are written</item>
/// <item>the writes on a working copy, one after another</item>
/// <item>consent, where something private would be published</item>
/// <item><c>if_version</c>, per write</item>
/// <item>the leases that it takes</item>
/// <item>event and state after (logical timers tick, the cooldown starts)</item>
/// <item><c>result</c> over the state after</item>
/// <item>the gate: where somebody has to decide, it becomes an event that asks, and nothing else of it happens</item>
/// </list>
/// Dry run, replay checks and property tests call the same function as the room's writer.
/// </summary>
internal static class Invocation
{
    public static Outcome<InvocationEffect> Run(InvocationInput input) => RunUngated(input).Try(out var effect, out var refusal) ? Asking.Pass(input, effect) : refusal;

    private static Outcome<InvocationEffect> RunUngated(InvocationInput input)
    {
        var state = input.Moment.State;
        if (BuiltIn.Find(input.Action) is { } builtIn)
        {
            // Also where a room of old has registered one of its own under that id.
            return (CheckLevel(input, builtIn.Needs) ?? Pausing.Check(input) ?? (builtIn.ReadsFence ? null : LeaseFence.CheckAny(input))) is { } refused ? refused : builtIn.Invoke(input);
        }

        return state.Actions.GetValueOrDefault(input.Action) is { } custom ? RunCustom(input, custom) : NotFound(state, input.Action);
    }

    /// <summary>The refusal for an action nobody registered.</summary>
    public static SyncError NotFound(RoomState state, string action)
    {
        if (state.Expired.Contains(action))
        {
            return InvocationPreconditions.Expired(action);
        }

        // A room that has approvals means them by words such as 'approve', which the library has for proposals.
        if (MeantBuiltIn.Find(state, action) is { } meant && (!StandardLibrary.Contains(action) || (meant.Id == BuiltInIds.Decide && !state.Approvals.IsEmpty)) && NearestName.Of(action, state.Actions.Keys) is null)
        {
            return new SyncError(ErrorCode.ActionNotFound, $"There is no action '{Identifiers.Shown(action)}' in this room.")
            {
                Hint = $"Did you mean '{meant.Id}'?",
                Next = [meant.Step],
                LogMessage = $"There is no action '{Identifiers.Shown(action)}' in this room.",
                Help = meant.Help,
            }.With("action", Identifiers.Shown(action)).WithSuggestion(meant.Id);
        }

        var near = StandardLibrary.Contains(action) ? null : NearestName.Of(action, state.Actions.Keys.Concat(BuiltInIds.All));
        var ready = near is null ? StandardLibrary.Meant(action) : null;
        return new SyncError(ErrorCode.ActionNotFound, $"There is no action '{Identifiers.Shown(action)}' in this room.")
        {
            Next = ready is null ? [] : [NextStep.TakeFromLibrary(ready)],
            Hint = near is not null ? $"Did you mean '{near}'?"
                : ready is not null ? $"The standard library has '{ready}': register it, then invoke it."
                : state.Actions.IsEmpty ? "No action is registered yet. Read help 'standard_library' and register what you need with _register_action."
                : "Read the context's 'actions' for what exists, or register it with _register_action.",
            LogMessage = $"There is no action '{Identifiers.Shown(action)}' in this room.",
            Help = "vocabulary_bootstrap",
        }.With("action", Identifiers.Shown(action)).WithSuggestion(near);
    }

    // Checked before everything else, on every surface: a write needs the level to write, and an agent that does it. The room's own token is the room.
    private static SyncError? CheckLevel(InvocationInput input, AccessLevel needs)
    {
        if (input.Actor.Level < needs)
        {
            return needs == AccessLevel.Admin && input.Actor.Level == AccessLevel.Write ? NotOwner(input.Action) : new SyncError(ErrorCode.ReadOnlyToken, $"'{Identifiers.Shown(input.Action)}' writes, and this token only reads.") { Hint = "Use a token with write access to the room." };
        }

        return needs >= AccessLevel.Write && input.Actor is { Agent: null, Level: < AccessLevel.Admin }
            ? new SyncError(ErrorCode.IdentityMismatch, $"'{Identifiers.Shown(input.Action)}' needs an agent that does it, and this token acts as none.") { Hint = "Use an agent's token, or one of a user's." }
            : null;
    }

    private static SyncError NotOwner(string action) =>
        new(ErrorCode.NotOwner, $"Only an owner of the room may invoke '{Identifiers.Shown(action)}'.") { Hint = "Ask an owner of the room, or use a token with full access to it." };

    /// <summary>Runs an action that the caller registers and invokes in one, and that no room keeps. Everything is asked of it that is asked of any other.</summary>
    public static Outcome<InvocationEffect> RunUnregistered(InvocationInput input, ActionState action) => RunCustom(input, action).Try(out var effect, out var refusal) ? Asking.Pass(input, effect) : refusal;

    private static Outcome<InvocationEffect> RunCustom(InvocationInput input, ActionState action)
    {
        if (CheckLevel(input, AccessLevel.Write) is { } notAllowed)
        {
            return notAllowed;
        }

        if (input.IfActionVersion is { } expected && expected != action.Entry.Version)
        {
            return new SyncError(ErrorCode.ActionChanged, $"Action '{action.Id}' is not the one that was read: its definition has changed since.")
            {
                Hint = "Read its definition again, and repeat the call with its version if you still agree.",
                LogMessage = $"Action '{action.Id}' had changed since it was read.",
            }.With("action", action.Id).With("version", action.Entry.Version);
        }

        if (Pausing.Check(input) is { } paused)
        {
            return paused;
        }

        var secrets = Secrets.Of(action.Definition.Params, input.Params);
        return RunCustom(input, action, secrets).Try(out var effect, out var refusal) ? effect : secrets?.TakeOut(refusal) ?? refusal;
    }

    private static Outcome<InvocationEffect> RunCustom(InvocationInput input, ActionState action, Secrets? secrets)
    {
        var moment = input.Moment;
        var reader = new RoomActivation(moment, input.Actor.VisibleScopes, input.Actor.Agent, input.Budget);

        // Nobody is there to be asked for consent when a lease ends.
        var readsSelf = !input.IsLapse || Publishing.GoesWithout(moment, action, action.StandingIn(moment), input.Actor);
        reader = readsSelf ? reader : reader.Inside(Frame.OfLapse(input.Actor.VisibleScopes, input.Actor.Agent), action.Registrant);
        if ((InvocationPreconditions.CheckTimers(moment, action) ?? InvocationPreconditions.CheckEnabled(reader, action, input.Actor.VisibleScopes)) is { } notNow)
        {
            return notNow;
        }

        if (!action.Definition.Params.Bind(input.Params, action.Id, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        var copy = new WorkingCopy(moment, input.Line);
        var leases = action.Definition.Lease is null ? null : new LeaseStep(input, action, bound, copy.Leases);
        if ((leases is null ? LeaseFence.CheckAny(input) : leases.CheckBefore()) is { } notHeld)
        {
            return notHeld;
        }

        var parameters = ParamsValue(bound);
        var inside = Availability.Inside(reader, action, parameters);
        if (InvocationPreconditions.CheckGuard(inside, action, input.Actor.VisibleScopes) is { } refused)
        {
            return refused;
        }

        Join(copy, input.Actor);
        var values = reader.Inside(Frame.OfValue(moment, action, input.Actor.Agent) with { ReadsSelf = readsSelf }, action.Registrant, parameters);
        var builder = new WriteBuilder(input, action, values, new TemplateInputs(bound, input.Actor.Agent, moment.Said), copy, secrets);
        if (!builder.Build().Try(out var writes, out error))
        {
            return error;
        }

        if (((leases is null ? null : builder.Apply(leases)) ?? CheckRoomSize(input, copy)) is { } notTaken)
        {
            return notTaken;
        }

        var e = input.Head(action.Definition.Params.Redact(input.Params)) with { Changes = copy.ToChanges() };
        var (whole, after) = Lapses.Follow(moment, e, moment.State.Apply(e), copy.EndedLeases, input.Limits);
        var (result, withheld, reads) = ResultOf(input, action, moment with { State = after }, parameters, secrets);
        Action<System.Text.Json.Utf8JsonWriter>? writeLeases = leases is null ? null : writer => leases.WriteAnswer(writer, moment with { State = after });
        var body = new AnswerBody(input, bound, writes, result, withheld, writeLeases) { Warnings = builder.Warnings };
        var approve = action.Definition.Approve is { } rule && rule.Asks(inside) ? builder.RequiredApprovals.Add(rule) : builder.RequiredApprovals;
        return new InvocationEffect(whole, after, () => InvocationAnswer.Write(body, e.Seq)) { ResultReads = reads, Body = body, RequiredApprovals = approve, HeldLeases = leases?.Held ?? [] };
    }

    // Answered to the invoker alone. A dry run leaves out what rests on scopes closed to the invoker: it would reveal them without a write.
    private static (JsonText? Result, bool IsWithheld, ImmutableArray<string> Reads) ResultOf(InvocationInput input, ActionState action, Moment after, CelValue parameters, Secrets? secrets)
    {
        if (input.IsLapse || action.Definition.Result is not { } expression) // Nobody is answered.
        {
            return (null, false, []);
        }

        var outer = new RoomActivation(after, input.Actor.VisibleScopes, input.Actor.Agent, input.Budget);
        var inside = outer.Inside(Frame.OfResult(after, action, input.Actor.Agent), action.Registrant, parameters);
        var value = expression.Evaluate(inside);
        var json = JsonText.Write(value, static (writer, v) => v.WriteJson(writer));
        var touched = inside.TakeTouched();
        if (value.IsError)
        {
            json = JsonText.Write(CelValue.Error(ErrorRedaction.For(input.Actor.VisibleScopes, value.AsError, touched)), static (writer, v) => v.WriteJson(writer));
        }

        return input.DryRun && !ErrorRedaction.MayRead(input.Actor.VisibleScopes, touched) ? (null, true, touched) : (secrets is null ? json : secrets.TakeOut(json, out _), false, touched);
    }

    /// <summary>Runs what a built-in action writes, as one event.</summary>
    public static Outcome<InvocationEffect> RunOnCopy(InvocationInput input, Func<InvocationInput, WorkingCopy, Outcome<BuiltInEffect>> run)
    {
        var copy = new WorkingCopy(input.Moment, input.Line);
        Join(copy, input.Actor);
        if (!run(input, copy).Try(out var effect, out var error))
        {
            return error;
        }

        var asked = new List<ApprovalRule>(effect.RequiredApprovals);
        if ((TargetCheck.Check(input, copy, asked) ?? TargetCheck.CheckList(input, copy) ?? CheckRoomSize(input, copy)) is { } refused)
        {
            return refused;
        }

        var e = input.Head(input.Params.ValueKind == JsonValueKind.Object ? JsonText.Of(input.Params) : null) with { Changes = copy.ToChanges() };
        var (whole, after) = Lapses.Follow(input.Moment, e, input.Moment.State.Apply(e), copy.EndedLeases, input.Limits);
        var body = new AnswerBody(input, Bound: null, effect.Writes, Result: null, IsWithheld: false, writer => effect.WriteMore?.Invoke(writer, after)) { WriteMoreOver = effect.WriteMore };
        return new InvocationEffect(whole, after, () => InvocationAnswer.Write(body, e.Seq)) { Body = body, RequiredApprovals = [.. asked] };
    }

    /// <summary>A caller's own agent comes to be with its first act, in the same event.</summary>
    public static void Join(WorkingCopy copy, Actor actor)
    {
        if (actor.Creates is { } agent)
        {
            copy.Put(ReservedScopes.Agents, agent.Id, agent.ToJson());
        }
    }

    public static SyncError? CheckRoomSize(InvocationInput input, WorkingCopy copy) =>
        RoomQuota.CheckGrowth(input.Moment, RoomQuota.PartyOf(input.Actor, input.Moment), copy.Growth, copy.ByteGrowth, input.Limits);

    private static CelValue ParamsValue(IReadOnlyDictionary<string, JsonElement> bound) => CelValue.Of(new ParamsMap(bound));
}
