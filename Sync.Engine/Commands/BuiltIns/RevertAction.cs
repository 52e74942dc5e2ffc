using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Reverts;
using Sync.Engine.Commands.Rules;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// <c>_revert</c>: takes back what invocations wrote, entries alone. It is an invocation like others: each write asks what it would ask if whoever reverts had registered an action for it and invoked it, and all of
/// them are one event. What somebody wrote since is left alone and listed.
/// </summary>
internal sealed class RevertAction : BuiltInWrite
{
    private static readonly JsonText s_none = Json("{}");

    /// <summary>The refusal of what somebody else did.</summary>
    public static SyncError NotOwner { get; } = new(ErrorCode.NotOwner, "Only an owner of the room reverts what other agents did.") { Hint = "Revert your own events, or ask an owner." };

    public override string Id => BuiltInIds.Revert;

    public override string Description => "Take back what an event, or an agent since one, wrote: your own, or as an owner anybody's.";

    public override JsonText ParamsJson { get; } = Json("""{"seq": {"type": "integer", "description": "the event"}, "agent": {"type": "string", "description": "instead of seq: whose invocations"}, "since": {"type": "integer", "description": "with agent: those after this event"}}""");

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (input.Revert is not { } plan)
        {
            return new SyncError(ErrorCode.InvalidParam, "'_revert' is a call of its own.") { Hint = "Invoke it by itself." };
        }

        if ((CheckRights(input.Actor.Level, input.Actor.Agent, input.Moment, plan) ?? CheckLeases(input, copy, plan)) is { } refused)
        {
            return refused;
        }

        var (writes, left, asked) = (new List<AnswerWrite>(), new List<(RevertedKey Key, PastWrite By)>(), new List<ApprovalRule>());
        foreach (var key in plan.Keys)
        {
            if ((input.Moment.State.Find(key.Scope, key.Key)?.Seq ?? 0) != key.LastSeq)
            {
                return RevertPlan.Outdated;
            }

            var without = KeyRevert.Of(key);
            if (without.Left is { } later)
            {
                left.Add((key, later));
            }

            if (Write(input, copy, key, without.Entry, asked).Try(out var write, out var error))
            {
                writes.AddRange(write is null ? [] : [write]);
            }
            else
            {
                return error;
            }
        }

        return asked.Count > 0 ? Asking.Required("What is reverted", asked) with { Hint = "Have it written by an action that asks for the approval." } : new BuiltInEffect(writes, (writer, _) => WriteMore(writer, input.Actor.VisibleScopes, plan, left));
    }

    /// <summary>The refusal of what somebody else did, to who is no owner; or null.</summary>
    public static SyncError? CheckRights(AccessLevel level, string? self, Moment moment, RevertPlan plan) =>
        level == AccessLevel.Admin || plan.Parts.All(part => part.Agent is { } agent && agent == self && moment.State.IsStill(agent, part.Seq)) ? null : NotOwner;

    // As whoever invokes the actions again would need them: by the definitions of the time, since one that was changed or removed since takes nothing back from who holds the lease.
    private static SyncError? CheckLeases(InvocationInput input, WorkingCopy copy, RevertPlan plan)
    {
        // Of thousands of invocations nearly all are of the same few texts.
        var compiled = new Dictionary<(string Action, PastAction Past), ActionState>();
        foreach (var part in plan.Parts)
        {
            var then = part.Definition is { } past ? Compiled(past, part.Action) : null;
            if ((then?.Definition.Approve ?? input.Moment.State.Actions.GetValueOrDefault(part.Action)?.Definition.Approve) is { } gate && !input.Actor.IsPerson)
            {
                return Asking.Required($"What action '{part.Action}' wrote", [gate]) with { Hint = "A person can revert it on the room's page." };
            }

            if (then is not { Definition: { Lease: not null } definition } action || input.Actor.Agent is null)
            {
                continue;
            }

            // What the log keeps in place of a secret is not what was given.
            var isKnown = definition.Params.Bind((part.Params ?? s_none).ToElement(), part.Action, input.Budget).Try(out var bound, out _) && !definition.Params.HasSecrets && part.Params is not null;
            var step = new LeaseStep(input, action, isKnown ? bound! : ImmutableDictionary<string, JsonElement>.Empty, copy.Leases); // It was bound.
            if (step.CheckAgain(part.Key, isKnown) is { } refused)
            {
                return refused;
            }
        }

        return null;

        ActionState Compiled(PastAction past, string id)
        {
            if (!compiled.TryGetValue((id, past), out var action))
            {
                compiled[(id, past)] = action = past.In(input.Moment.State, id);
            }

            return action;
        }
    }

    private static Outcome<AnswerWrite?> Write(InvocationInput input, WorkingCopy copy, RevertedKey key, PastEntry? entry, List<ApprovalRule> asked)
    {
        var (moment, (_, name, _, _, _)) = (input.Moment, key);
        var now = moment.State.Find(key.Scope, name);
        if (entry is null ? now is null : now is not null && now.Value.Equals(entry.Value) && now.Enabled?.Source == entry.Enabled && SameTimer(now, entry))
        {
            return (AnswerWrite?)null;
        }

        var standing = new Standing(input.Actor.Level, input.Actor.Agent, ReachesAll: input.Actor.Level == AccessLevel.Admin);
        if ((WriteAuthority.Check(input, BuiltInIds.Revert, input.Actor.Agent, standing, new WriteTarget(key.Scope, name, NamesInvoker: true, ProvesRead: true))
            ?? TargetCheck.Check(input, key.Scope, name, TargetCheck.NoParameters, asked)
            ?? (entry?.Timer?.TickScope is { } ticks && !standing.VisibleScopes(moment).Plus(key.Scope).Sees(ticks) ? BlindTimer(key.Scope) : null)) is { } refused)
        {
            return refused;
        }

        var isClosed = !input.Actor.VisibleScopes.Sees(key.Scope);
        if (entry is null)
        {
            copy.Delete(key.Scope, name);
            return new AnswerWrite(key.Scope, name, Value: null, Version: null, Revision: 0);
        }

        var (version, revision) = copy.Put(key.Scope, name, entry.Value, entry.Timer, entry.Enabled);
        return new AnswerWrite(key.Scope, name, entry.Value, version, revision) { IsClosed = isClosed };
    }

    // A timer that counts writes has gone on with what was written since.
    private static bool SameTimer(Entry now, PastEntry entry) => now.Timer == entry.Timer || (now.Timer is { At: null } ticking && entry.Timer is { At: null } past && ticking with { TicksLeft = past.TicksLeft } == past);

    private static SyncError BlindTimer(string scope) => new SyncError(ErrorCode.NotReadable, $"An entry of '{Identifiers.Shown(scope)}' had a timer that counts what you may not read.") { Hint = "Ask an owner to revert it." }.With("scope", scope);

    private static void WriteMore(Utf8JsonWriter writer, VisibleScopes visible, RevertPlan plan, List<(RevertedKey Key, PastWrite By)> left)
    {
        writer.WriteStartArray("reverted"u8);
        foreach (var seq in plan.Parts.Select(static part => part.Seq).Distinct())
        {
            writer.WriteNumberValue(seq);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("conflicts"u8);
        foreach (var (key, by) in left)
        {
            writer.WriteStartObject();
            writer.WriteString("scope"u8, key.Scope);
            if (visible.Sees(key.Scope))
            {
                writer.WriteString("key"u8, key.Key);
            }
            else
            {
                writer.WriteBoolean("withheld"u8, value: true);
            }

            writer.WriteNumber("seq"u8, by.Seq);
            writer.WriteString("by"u8, by.Agent);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
