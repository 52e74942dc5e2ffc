using System.Collections.Frozen;
using System.Text.Json;
using Sync.Cel.Values;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Pauses;

/// <summary>
/// What a pause stops. The table:
/// <list type="table">
/// <item><term>the room</term><description>every invocation, by owners too; joins and embodiments, but for those by owners, one of whom resumes it; an agent that changes itself</description></item>
/// <item><term>an agent</term><description>every invocation as it, whoever makes it; joining and embodying it; another agent of its user</description></item>
/// <item><term>an action</term><description>every invocation of it</description></item>
/// <item><term>nothing</term><description><see cref="GoesOn"/>: what tightens or ends something, and what reads</description></item>
/// </list>
/// Reads, waits and timers go on. What follows the end of a lease (<c>on_lapse</c>) is stopped with the room and with its action; of an agent that is paused it goes on, as its leases do: the task is open again. The time of cooldowns, leases and approvals stands still while the room is paused (<c>RunningClock</c>).
/// </summary>
internal static class Pausing
{
    // A batch is asked step by step.
    private static readonly FrozenSet<string> s_goOn = FrozenSet.Create(StringComparer.Ordinal, BuiltInIds.Help, BuiltInIds.Pause, BuiltInIds.Resume, BuiltInIds.Renew, BuiltInIds.Release, BuiltInIds.Batch);

    /// <summary>Whether no pause stops a built-in action with these parameters.</summary>
    public static bool GoesOn(string action, JsonElement parameters) => s_goOn.Contains(action)
        || (action == BuiltInIds.Decide && Decide.IsRejection(parameters));

    /// <summary>Whether a pause of an action itself makes sense.</summary>
    public static bool CanStop(string action) => !s_goOn.Contains(action) && action != BuiltInIds.Decide;

    /// <summary>The refusal of an invocation that a pause stops, or null.</summary>
    public static SyncError? Check(InvocationInput input) =>
        !input.IsLapse ? Check(input.Moment.State, input.Actor, input.Action, input.Params)
        : input.Moment.State.Pauses.Of(agent: null, input.Action) is { } pause ? Refusal(pause)
        : null;

    /// <summary>The same of what somebody would invoke.</summary>
    public static SyncError? Check(RoomState state, Actor actor, string action, JsonElement parameters) => state.Pauses.IsEmpty || GoesOn(action, parameters) ? null
        : state.Pauses.Of(actor.Agent, action) is { } pause ? Refusal(pause)
        : actor.Creates is { } coming && state.Pauses.OfNewAgents(state, coming.User) is { } other ? Refusal(other)
        : actor.Agent is { } agent ? CheckStandIn(state, agent, actor.User)
        : null;

    /// <summary>The refusal of a user's call as an agent of somebody else, or of nobody, that came into the room after an agent of that user was paused: what was stopped would go on under its name.</summary>
    public static SyncError? CheckStandIn(RoomState state, string agent, string? user) =>
        !state.Pauses.IsEmpty && state.Agents.GetValueOrDefault(agent) is { } known && state.Pauses.OfStandIn(state, known, user) is { } pause ? Refusal(pause) : null;

    /// <summary>The refusal of a join or an embodiment, or null.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="user">Whose it is to be; null for nobody's.</param>
    /// <param name="byOwner">Whether an owner brings it in: whoever resumes a room may have to act as an agent to do so.</param>
    public static SyncError? CheckEntry(Moment moment, string agent, string? user, bool byOwner)
    {
        var state = moment.State;
        if (state.Pauses.IsEmpty)
        {
            return null;
        }

        var pauses = byOwner ? state.Pauses.WithoutRoom : state.Pauses;
        return (pauses.OfAgent(agent) ?? (state.Agents.ContainsKey(agent) ? null : pauses.OfNewAgents(state, user))) is { } pause ? Refusal(pause) : CheckStandIn(state, agent, user);
    }

    /// <summary>
    /// The refusal of a change or a removal of an agent, or null. A token whose agent is paused changes nobody, that agent least of all. Owners go on in a room that is paused, and a person who owns it always does.
    /// </summary>
    /// <param name="state">The room.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="agent">The agent that is to be changed.</param>
    /// <param name="isOwn">Whether it is the caller, or its user's.</param>
    public static SyncError? CheckChange(RoomState state, RoomCaller caller, string agent, bool isOwn)
    {
        if (state.Pauses.IsEmpty)
        {
            return null;
        }

        var (self, isOwner) = (caller.Self(state), caller.Access.Level == AccessLevel.Admin);
        return isOwner && caller.Caller.IsSession ? null
            : ((isOwner ? null : state.Pauses.Room) ?? (self is null ? null : state.Pauses.Find(Pause.OfAgent + self)) ?? (isOwn ? state.Pauses.Find(Pause.OfAgent + agent) : null)) is { } pause ? Refusal(pause)
            : self is null ? null : CheckStandIn(state, self, caller.User?.Id);
    }

    /// <summary>What is said to whom a pause stops.</summary>
    public static SyncError Refusal(Pause pause)
    {
        var what = pause.What == Pause.Room ? "The room"
            : pause.What.StartsWith(Pause.OfAgent, StringComparison.Ordinal) ? $"The agent '{pause.What[Pause.OfAgent.Length..]}'"
            : $"The action '{Identifiers.Shown(pause.What[Pause.OfAction.Length..])}'";
        return new SyncError(ErrorCode.Paused, pause.Reason is { } reason ? $"{what} is paused: {reason}" : $"{what} is paused.")
        {
            Hint = pause.IsPersons ? "A person paused it, and only a person has it go on. Wait until then, and repeat the call." : "Wait until an owner has it go on, and repeat the call.",
            Next = [NextStep.Wait(room: null, ConditionOf(pause.What))],
            LogMessage = $"{what} was paused.",
        }.With("paused", pause.What).With("reason", pause.Reason).With("by", pause.By);
    }

    /// <summary>The condition that holds when it goes on.</summary>
    public static string ConditionOf(string what) => what == Pause.Room ? $"state.{ReservedScopes.Pauses}.{Pause.Room} == null" : $"state.{ReservedScopes.Pauses}[{MemberText.Quoted(what)}] == null";
}
