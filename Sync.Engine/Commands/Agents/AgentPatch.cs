using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Engine.Commands.Invocations;
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
    private static readonly string[] s_fields = ["name", "role", "status", "meta", "enabled", "grants", "trusts", "timer"];
    private static readonly string[] s_statuses = ["active", "idle", "done"];

    public string? Name { get; init; }

    public string? Role { get; init; }

    /// <summary>Presence: <c>active</c>, <c>idle</c> or <c>done</c>; not part of the log.</summary>
    public string? Status { get; init; }

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
        if (body.ValueKind != JsonValueKind.Object)
        {
            return new SyncError(ErrorCode.InvalidParameter, "The body is an object.") { Hint = "Send {\"status\": \"done\"}, for example." };
        }

        if (JsonRules.CheckMembers(body, language.JsonDepth) is { } malformed)
        {
            return malformed;
        }

        var patch = new AgentPatch();
        foreach (var member in body.EnumerateObject())
        {
            if (!patch.Read(member, language).Try(out patch!, out var error))
            {
                return error;
            }
        }

        return patch;
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

        if (!ChangesRecord)
        {
            return Decision.Reply(JsonText.Null);
        }

        if (Timer?.CheckVisibleScopes(VisibleScopes.Of(agent, moment.State)) is { } blind)
        {
            return Decision.Refuse(blind);
        }

        var changed = old with { Name = Name ?? old.Name, Role = Role ?? old.Role, Meta = Meta ?? old.Meta, Grants = Grants ?? old.Grants, Trusts = Trusts ?? old.Trusts };
        var copy = new WorkingCopy(moment);
        copy.Put(
            ReservedScopes.Agents,
            agent,
            changed.ToJson(),
            HasTimer ? Timer?.Start(moment.Now) : old.Entry?.Timer,
            HasEnabled ? Enabled : old.Entry?.Enabled?.Source);
        if ((Meta is { } meta && meta.Length > limits.MetaBytes ? BoundErrors.TooLong("'meta'", meta.Length, limits.MetaBytes) : null) is { } tooLong)
        {
            return Decision.Refuse(tooLong);
        }

        if (RoomQuota.CheckGrowth(moment, RoomQuota.PartyOf(caller, moment.State), copy.Growth, copy.ByteGrowth, limits) is { } full)
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
        return Decision.Commit(e, moment.State.Apply(e), JsonText.Null);
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
        if (caller.Access.Level == AccessLevel.Admin)
        {
            return null;
        }

        return own ? null : new SyncError(ErrorCode.IdentityMismatch, $"This token may not {what} the agent '{agent.Id}'.")
        {
            Hint = "Use that agent's own token, or full access to the room.",
        }.With("agent", agent.Id);
    }

    private Outcome<AgentPatch> Read(JsonProperty member, RoomLanguage language)
    {
        var value = member.Value;
        var isNull = value.ValueKind == JsonValueKind.Null;
        switch (member.Name)
        {
            case "name" when value.ValueKind == JsonValueKind.String && Identifiers.IsTitle(value.GetString()!, 200):
                return this with { Name = value.GetString() };
            case "role" when value.ValueKind == JsonValueKind.String && AgentRole.IsValid(value.GetString()!):
                return this with { Role = value.GetString() };
            case "status" when value.ValueKind == JsonValueKind.String && s_statuses.Contains(value.GetString()):
                return this with { Status = value.GetString() };
            case "meta":
                return this with { Meta = JsonText.Of(value) };
            case "enabled" when isNull:
                return this with { HasEnabled = true, Enabled = null };
            case "enabled" when value.ValueKind == JsonValueKind.String:
                return language.Compile(value.GetString()!, "enabled").Try(out var enabled, out var error)
                    ? this with { HasEnabled = true, Enabled = enabled.Source }
                    : error;
            case "grants" when AreAgents(value):
                return this with { Grants = Ids(value) };
            case "trusts" when AreAgents(value):
                return this with { Trusts = Ids(value) };
            case "timer" when isNull:
                return this with { HasTimer = true, Timer = null };
            case "timer":
                return TimerSpec.Parse(value).Try(out var timer, out error) ? this with { HasTimer = true, Timer = timer } : error;
        }

        if (s_fields.Contains(member.Name))
        {
            return new SyncError(ErrorCode.InvalidParameter, $"'{member.Name}' has a value that cannot be used.")
            {
                Hint = member.Name switch
                {
                    "status" => "It is one of active, idle, done.",
                    "grants" => "It is a list of the agents that may read and write this agent's private scope.",
                    "trusts" => "It is a list of the agents whose actions may publish what this agent keeps private.",
                    "enabled" => "It is a CEL expression in a string, or null.",
                    "name" => "It is a string of 1 to 200 printable characters.",
                    "role" => AgentRole.Rule,
                    _ => "It is a string.",
                },
            }.With("field", member.Name);
        }

        var near = DidYouMean.Nearest(member.Name, s_fields);
        return new SyncError(ErrorCode.UnknownField, $"An agent has no field '{Identifiers.Shown(member.Name)}' that can be changed.")
        {
            Hint = near is null ? $"Known are {string.Join(", ", s_fields)}." : $"Did you mean '{near}'?",
        }.With("field", Identifiers.Shown(member.Name));
    }

    private static bool AreAgents(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= 100
        && value.EnumerateArray().All(static id => id.ValueKind == JsonValueKind.String && Identifiers.CheckAgentId(id.GetString()!) is null);

    private static ImmutableArray<string> Ids(JsonElement value) => [.. value.EnumerateArray().Select(static id => id.GetString()!).Distinct(StringComparer.Ordinal)];
}
