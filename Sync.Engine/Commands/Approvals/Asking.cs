using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Rules;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Approvals;

/// <summary>
/// The gate of an invocation. What the invocation would do is known when it comes here; where somebody has to decide first, it becomes an event that asks and writes nothing else. An approval is two entries: what
/// everybody may read, and what not everybody may.
/// </summary>
internal static class Asking
{
    /// <summary>The most approvals of one agent that may be pending.</summary>
    public const int MaxPending = 20;

    /// <summary>So many decided ones are kept to be read; older ones stand in the log.</summary>
    public const int MaxDecided = 200;

    // Longer parameters are read by who may see the details.
    private const int MaxShownParams = 16 * 1024;

    /// <summary>What becomes of an invocation: itself where nobody has to decide, or its decider may accept it; else an event that asks.</summary>
    /// <remarks>Errors: <c>approval_required</c> where it cannot stop, <c>rate_limited</c> over the bound.</remarks>
    public static Outcome<InvocationEffect> Pass(InvocationInput input, InvocationEffect effect)
    {
        if (effect.RequiredApprovals.IsEmpty)
        {
            return effect;
        }

        var rules = Dated(input, effect.RequiredApprovals);
        if (input.AcceptedBy is not null)
        {
            // Which of them are met is for the decision to say.
            return effect with { RequiredApprovals = rules };
        }

        if (CheckMay(input, rules) is { } cannot)
        {
            return cannot;
        }

        return input.DryRun ? DryRun(input, effect, rules) : Ask(input, effect, rules);
    }

    /// <summary>The refusal of what would need a decision and cannot wait for one.</summary>
    /// <param name="what">What it is: "Action 'deploy'".</param>
    /// <param name="rules">What asks.</param>
    public static SyncError Required(string what, IEnumerable<ApprovalRule> rules) =>
        new SyncError(ErrorCode.ApprovalRequired, $"{what} has to be approved by {ApprovalRule.Deciders(rules)} first, and cannot ask for that here.")
        {
            Hint = "Invoke the action by itself: it then asks for the approval, and says what to wait for.",
            Help = "gates",
        };

    // Each with the event that it was written with: that of the definition, or that of the room's rules about places.
    private static ImmutableArray<ApprovalRule> Dated(InvocationInput input, ImmutableArray<ApprovalRule> rules)
    {
        var state = input.Moment.State;
        var (action, targets) = (state.Actions.GetValueOrDefault(input.Action), state.Find(ReservedScopes.Config, TargetRules.Key));
        return [.. rules.Select(rule => rule.At((action is not null && ReferenceEquals(rule, action.Definition.Approve) ? action.Entry.Seq : targets?.Seq) ?? state.Seq))];
    }

    private static SyncError? CheckMay(InvocationInput input, ImmutableArray<ApprovalRule> rules)
    {
        var what = $"Action '{Identifiers.Shown(input.Action)}'";
        if (input.IsStep)
        {
            return Required(what, rules).With("action", input.Action);
        }

        if (input.Moment.State.Actions.GetValueOrDefault(input.Action)?.Definition.Params.HasSecrets == true)
        {
            return Required(what, rules) with { Hint = "An action with a secret parameter cannot wait for a decision, which would have to show it: write this by an action without one." };
        }

        return null;
    }

    private static SyncError? CheckPending(InvocationInput input)
    {
        var state = input.Moment.State;
        return state.Approvals.PendingOf(input.Actor.Agent).Take(MaxPending).ToList() is { Count: >= MaxPending } pending
            ? new SyncError(ErrorCode.RateLimited, string.Create(CultureInfo.InvariantCulture, $"{MaxPending} approvals that '{input.Actor.Agent ?? "this token"}' asked for are still pending."))
            {
                Hint = "Wait until one of them is decided.",
                Next = [NextStep.Wait(input.Moment.Record?.Id, pending[0].Awaited)],
                RetryAfter = TimeSpan.FromMinutes(1),
                Help = "gates",
            }
            : null;
    }

    private static Outcome<InvocationEffect> DryRun(InvocationInput input, InvocationEffect effect, ImmutableArray<ApprovalRule> rules) => effect with
    {
        WriteAnswer = () => InvocationAnswer.Write(
            effect.Body! with // What asks writes.
            {
                WriteMore = writer =>
                {
                    effect.Body.WriteMore?.Invoke(writer);
                    WriteRules(writer, rules);
                },
            },
            input.EventSeq),
    };

    private static Outcome<InvocationEffect> Ask(InvocationInput input, InvocationEffect effect, ImmutableArray<ApprovalRule> rules)
    {
        var (moment, actor, writes) = (input.Moment, input.Actor, effect.Body!.Writes); // What asks writes.
        var (shown, hidden) = ShownWrites.For(writes, VisibleScopes.Public);
        var parameters = input.Params.ValueKind == JsonValueKind.Object ? JsonText.Of(input.Params) : JsonText.Trusted("{}"u8.ToArray());
        var mayShowParams = hidden == 0 && parameters.Length <= MaxShownParams;
        var copy = new WorkingCopy(moment);
        var details = JsonText.Of((InvokerOf(input, parameters, writes) with { Leases = Stop(copy, moment, actor.Agent, effect.HeldLeases) }).ToJson());
        var record = new ApprovalRecord
        {
            Number = input.EventSeq,
            Status = ApprovalStatus.Pending,
            Action = input.Action,
            ActionVersion = moment.State.Actions.GetValueOrDefault(input.Action)?.Entry.Version,
            Agent = actor.Agent,
            AskedAt = moment.Now,
            Expires = moment.Running + rules.Min(static rule => rule.Timeout),
            Rules = rules,
            Params = mayShowParams ? parameters : null,
            Writes = shown,
            PrivateWrites = hidden,
            Details = new ApprovalDetails(details),
        };
        Invocation.Join(copy, actor);
        copy.Put(ReservedScopes.Approvals, record.Id, record.ToEntry());
        copy.Put(ReservedScopes.ApprovalDetails, record.Id, details);
        if ((CheckPending(input) ?? Invocation.CheckRoomSize(input, copy)) is { } full)
        {
            return full;
        }

        var e = new RoomEvent
        {
            Seq = input.EventSeq,
            At = moment.Now,
            Kind = EventKind.ApprovalAsked,
            Agent = actor.Agent,
            Action = input.Action,
            Params = mayShowParams ? parameters : null,
            ByPerson = actor.InBrowser,
            Because = input.Because,
            Changes = copy.ToChanges(),
        };
        var after = moment.State.Apply(e);
        return new InvocationEffect(e, after, () => Answer(input, record, writes, moment with { State = after })) { Approval = record.Id };
    }

    // What it needs must still be held when it is accepted, however long that takes.
    private static ImmutableArray<(string Key, long Fence)> Stop(WorkingCopy copy, Moment moment, string? agent, ImmutableArray<string> keys)
    {
        var stopped = ImmutableArray.CreateBuilder<(string Key, long Fence)>(keys.Length);
        foreach (var key in keys)
        {
            if (copy.Leases.HoldOf(agent, key) is { } hold)
            {
                copy.Leases.Change(key, hold.Stop(moment.Running));
                stopped.Add((key, hold.Fence));
            }
        }

        return stopped.ToImmutable();
    }

    private static ApprovalDetails.Invoker InvokerOf(InvocationInput input, JsonText parameters, IReadOnlyList<AnswerWrite> writes)
    {
        var salt = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return new ApprovalDetails.Invoker
        {
            Params = parameters,
            Salt = salt,
            WritesVersion = ShownWrites.VersionOf(writes, salt),
            Caller = input.Origin.Caller,
            Named = input.Origin.Named,
            Since = AgentOf(input)?.Since,
            User = input.Actor.User,
            AgentUser = AgentOf(input)?.User,
            InBrowser = input.Actor.InBrowser,
            Scopes = [.. writes.Select(static write => write.Scope).Where(static scope => !ReservedScopes.IsPublic(scope)).Distinct(StringComparer.Ordinal)],
            Consents = !input.Consent.IsEmpty,
            Fence = input.Fence,
        };
    }

    // An agent that comes to be with the act is not in the room yet.
    private static AgentRecord? AgentOf(InvocationInput input) =>
        input.Actor.Agent is not { } agent ? null : input.Moment.State.Agents.GetValueOrDefault(agent) ?? input.Actor.Creates;

    private static JsonText Answer(InvocationInput input, ApprovalRecord record, IReadOnlyList<AnswerWrite> writes, Moment after) => JsonText.Write((input, record, writes, after), static (writer, t) =>
    {
        var (input, record) = (t.input, t.record);
        writer.WriteStartObject();
        writer.WriteBoolean("pending"u8, value: true);
        writer.WriteString("approval"u8, record.Id);
        writer.WriteString("action"u8, input.Action);
        writer.WriteString("agent"u8, input.Actor.Agent);
        InvocationAnswer.WriteWrites(writer, [.. t.writes.Select(write => write.ShownTo(input.Actor.VisibleScopes))], input.Limits.AnswerBytes);
        WriteRules(writer, record.Rules);
        writer.WriteString("wait"u8, record.Awaited);
        if (record.ExpiresAt(t.after) is { } at)
        {
            writer.WriteString("expires_at"u8, at.UtcDateTime);
        }

        writer.WriteNumber("seq"u8, record.Number);
        writer.WriteString("hint"u8, $"Nothing is written yet: {ApprovalRule.Deciders(record.Rules)} decides first. Wait until the condition in 'wait' holds; a message of kind 'approval' tells you the decision, too.");
        writer.WriteEndObject();
    });

    private static void WriteRules(Utf8JsonWriter writer, ImmutableArray<ApprovalRule> rules)
    {
        writer.WriteStartArray("approve"u8);
        foreach (var rule in rules)
        {
            rule.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}
