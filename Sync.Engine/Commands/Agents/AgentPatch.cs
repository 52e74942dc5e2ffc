using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Commands.Rules;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Agents;

/// <summary>A change of an agent as asked for; null leaves as it is.</summary>
internal sealed record AgentPatch
{
    private static readonly FieldTable<Draft> s_fields = RequestFields.TableFor<Draft>(static name => $"An agent has no field '{name}' that can be changed.", "Send {\"status\": \"done\"}, for example.")
        .AddTitle("name", 200, static (draft, name) => draft.Patch = draft.Patch with { Name = name }, NullField.Refused)
        .AddTitle("role", AgentRole.MaxLength, static (draft, role) => draft.Patch = draft.Patch with { Role = role }, NullField.Refused)
        .Add("status", "one of active, idle, done", static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.String || AgentStatusWords.Parse(value.GetString()) is not { } status || status == AgentStatus.Waiting)
            {
                return FieldReading.Unusable;
            }

            draft.Patch = draft.Patch with { Status = status };
            return FieldReading.Taken;
        }, NullField.Refused)
        .Add("meta", "any value", static (draft, value) =>
        {
            draft.Patch = draft.Patch with { Meta = JsonText.Of(value) };
            return FieldReading.Taken;
        }, NullField.Read)
        .Add("enabled", "a CEL expression in a string, or null", static (draft, value) => draft.ReadEnabled(value), NullField.Read)
        .Add("grants", "a list of the agents that may read and write this agent's private scope",
            static (draft, value) => draft.ReadAgents(value, static (patch, agents) => patch with { Grants = agents }), NullField.Refused)
        .Add("trusts", "a list of the agents whose actions may publish what this agent keeps private",
            static (draft, value) => draft.ReadAgents(value, static (patch, agents) => patch with { Trusts = agents }), NullField.Refused)
        .Add("timer", "a timer, or null", static (draft, value) => draft.ReadTimer(value), NullField.Read);

    public string? Name { get; init; }

    public string? Role { get; init; }

    /// <summary>Presence: <c>active</c>, <c>idle</c> or <c>done</c>; not part of the log.</summary>
    public AgentStatus? Status { get; init; }

    public JsonText? Meta { get; init; }

    /// <summary>The condition, which compiles; null with <see cref="HasEnabled"/> removes it.</summary>
    public string? Enabled { get; init; }

    public bool HasEnabled { get; init; }

    public ImmutableArray<string>? Grants { get; init; }

    public ImmutableArray<string>? Trusts { get; init; }

    public TimerSpec? Timer { get; init; }

    public bool HasTimer { get; init; }

    private bool ChangesRecord => Name is not null || Role is not null || Meta is not null || HasEnabled || HasTimer || Grants is not null || Trusts is not null;

    public static Outcome<AgentPatch> Parse(JsonElement body, RoomLanguage language)
    {
        if (JsonRules.CheckMembers(body, language.JsonDepth) is { } malformed)
        {
            return malformed;
        }

        var draft = new Draft(language);
        return s_fields.Read(body, draft) is { } refusal ? refusal : draft.Patch;
    }

    public Decision Decide(Moment moment, RoomCaller caller, string agent, RoomLimits limits)
    {
        if (moment.State.Agents.GetValueOrDefault(agent) is not { } old)
        {
            return Decision.Refuse(AgentErrors.Unknown(moment.State, agent));
        }

        if (Denied(caller, moment.State, old, "change") is { } denied)
        {
            return Decision.Refuse(denied);
        }

        // An agent that is done fills no role.
        var vacates = Status == AgentStatus.Done && Roles.HasAny(moment, agent);
        if (!ChangesRecord && !vacates)
        {
            return Decision.Reply(JsonText.Null);
        }

        if (Timer?.CheckVisibleScopes(VisibleScopes.Of(agent, moment.State)) is { } blind)
        {
            return Decision.Refuse(blind);
        }

        if (Role is not null && Status != AgentStatus.Done && Roles.Check(moment, Role, agent, caller.User?.Id) is { } filled)
        {
            return Decision.Refuse(filled);
        }

        var copy = Written(moment, old, vacates);
        if ((Meta is { } meta && meta.Length > limits.MetaBytes ? BoundErrors.TooLong("'meta'", meta.Length, limits.MetaBytes) : null) is { } tooLong)
        {
            return Decision.Refuse(tooLong);
        }

        if ((TargetCheck.CheckUnnamed(moment, copy, "A change of an agent") ?? RoomQuota.CheckGrowth(moment, RoomQuota.PartyOf(caller, moment.State), copy.Growth, copy.ByteGrowth, limits)) is { } full)
        {
            return Decision.Refuse(full);
        }

        var e = new RoomEvent
        {
            Seq = moment.State.Seq + 1,
            At = moment.Now,
            Kind = EventKind.AgentUpdated,
            Agent = agent,
            Changes = copy.ToChanges(),
        };
        var (whole, after) = Lapses.Follow(moment, e, moment.State.Apply(e), copy.EndedLeases, limits);
        return Decision.Commit(whole, after, JsonText.Null);
    }

    private WorkingCopy Written(Moment moment, AgentRecord old, bool vacates)
    {
        var changed = old with { Name = Name ?? old.Name, Role = Role ?? old.Role, Meta = Meta ?? old.Meta, Grants = Grants ?? old.Grants, Trusts = Trusts ?? old.Trusts };
        var copy = new WorkingCopy(moment);
        if (ChangesRecord)
        {
            copy.Put(
                ReservedScopes.Agents,
                old.Id,
                changed.ToJson(),
                HasTimer ? Timer?.Start(moment.Now) : old.Entry?.Timer,
                HasEnabled ? Enabled : old.Entry?.Enabled?.Source);
        }

        if (vacates)
        {
            Roles.Vacate(copy, moment, old.Id);
        }
        else if (Role is not null && Status != AgentStatus.Done)
        {
            Roles.Change(copy, moment, old, old.Role, Role, "agent");
        }

        return copy;
    }

    /// <summary>Why the caller may not change or remove an agent: whoever is not that agent, its user, or an owner.</summary>
    public static SyncError? Denied(RoomCaller caller, RoomState state, AgentRecord agent, string what)
    {
        var self = caller.Self(state);

        // A token that acts as an agent since a join is still its user's; one whose scope names an agent is that agent's alone, and a session left to one role keeps to it.
        var isUsers = caller.User is { } user
            && agent.User == user.Id
            && caller.Caller.Token?.Scope.AgentFor(caller.Record.Id) is null
            && caller.Caller.Session?.SessionIn(caller.Record.Id).Role is null;
        var own = self == agent.Id || isUsers;
        if (own || caller.Access.Level == AccessLevel.Admin)
        {
            return Pausing.CheckChange(state, caller, agent.Id, own);
        }

        return new SyncError(ErrorCode.IdentityMismatch, $"This token may not {what} the agent '{agent.Id}'.")
        {
            Hint = "Use that agent's own token, or full access to the room.",
        }.With("agent", agent.Id);
    }

    private sealed class Draft(RoomLanguage language)
    {
        public AgentPatch Patch { get; set; } = new();

        public FieldReading ReadEnabled(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                Patch = Patch with { HasEnabled = true, Enabled = null };
                return FieldReading.Taken;
            }

            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            // It is a string.
            if (!language.CompileCondition(value.GetString()!, "enabled").Try(out var enabled, out var error))
            {
                return error;
            }

            Patch = Patch with { HasEnabled = true, Enabled = enabled.Source };
            return FieldReading.Taken;
        }

        public FieldReading ReadAgents(JsonElement value, Func<AgentPatch, ImmutableArray<string>, AgentPatch> with)
        {
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > 100
                || !value.EnumerateArray().All(static id => id.ValueKind == JsonValueKind.String && Identifiers.CheckAgentId(id.GetString()!) is null))
            {
                return FieldReading.Unusable;
            }

            Patch = with(Patch, [.. value.EnumerateArray().Select(static id => id.GetString()!).Distinct(StringComparer.Ordinal)]); // They are strings.
            return FieldReading.Taken;
        }

        public FieldReading ReadTimer(JsonElement value)
        {
            TimerSpec? timer = null;
            if (value.ValueKind != JsonValueKind.Null && !TimerSpec.Parse(value, "timer").Try(out timer, out var error))
            {
                return error;
            }

            Patch = Patch with { HasTimer = true, Timer = timer };
            return FieldReading.Taken;
        }
    }
}
