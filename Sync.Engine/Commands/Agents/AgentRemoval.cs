using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Identity;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Agents;

/// <summary>
/// What ends with an agent, however it goes: its private scope, the definitions of that scope, the leases it holds, the roles it fills, what it asked to be approved, and what others granted it. What it registered in shared scopes stays, and
/// nobody takes its place there (<see cref="RoomState.IsStill"/>). Its tokens and parked calls are ended by <c>AgentService</c>, when the event is durable.
/// </summary>
internal static class AgentRemoval
{
    /// <summary>Decides a removal that was asked for. Pure.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="agent">Which agent.</param>
    /// <param name="free">Whether anybody may have the id from now on, which only an owner allows. An id is freed afterwards in the same way.</param>
    /// <param name="limits">The room's bounds, for what follows when its leases end.</param>
    public static Decision Decide(Moment moment, RoomCaller caller, string agent, bool free, RoomLimits limits)
    {
        var state = moment.State;
        if (free && caller.Access.Level < AccessLevel.Admin)
        {
            return Decision.Refuse(new SyncError(ErrorCode.NotOwner, $"Only an owner of '{caller.Record.Id}' may free the id of an agent for everybody.")
            {
                Hint = "Leave 'free' out: the id then stays with the agent's user.",
            }.With("agent", Identifiers.Shown(agent)));
        }

        if (!state.Agents.TryGetValue(agent, out var old))
        {
            return !free || !state.Removed.TryGetValue(agent, out var removed) ? Decision.Refuse(AgentErrors.Unknown(state, agent))
                : Pausing.CheckChange(state, caller, agent, caller.User is { } user && removed.User == user.Id) is { } paused ? Decision.Refuse(paused) // What is forgotten of whose it was is no more paused for them.
                : Commit(moment, caller.Self(state), removed.Id, [Freed(removed.Id)], limits);
        }

        if (AgentPatch.Denied(caller, state, old, "remove") is { } denied)
        {
            return Decision.Refuse(denied);
        }

        // Whose agent it is may always let it go: the gates of its definitions stay.
        if (caller.Access.Level == AccessLevel.Admin && caller.Self(state) != agent && GatedDefinition.CheckRemoval(caller, state, agent) is { } gated)
        {
            return Decision.Refuse(gated with { Message = $"With the agent '{agent}' an action of its scope would end. {gated.Message}" });
        }

        var changes = Changes(state, [old], byTimer: false);
        return Commit(moment, caller.Self(state), agent, free ? [.. changes, Freed(agent)] : [.. changes], limits) with { Agent = old.Binding };
    }

    /// <summary>Decides whether an agent that an embodiment made, and that never acted, goes now that it is let go. Nobody keeps its id.</summary>
    public static Decision DecideUnused(Moment moment, AgentBinding agent, RoomLimits limits) =>
        moment.State.Agents.TryGetValue(agent.Agent, out var old) && old.Since == agent.Since && moment.State.Fresh.Contains(old.Id) && moment.Presence.Of(old.Id).Waits == 0
            ? Commit(moment, old.Id, old.Id, [.. Changes(moment.State, [old], byTimer: false), Freed(old.Id)], limits)
            : Decision.Reply(JsonText.Null);

    /// <summary>What is said to whoever still acts as an agent that was removed.</summary>
    public static SyncError Gone(string agent) =>
        new SyncError(ErrorCode.AgentNotFound, $"The agent '{agent}' was removed from this room.") { Hint = "Join under another id, or ask an owner of the room." }.With("agent", agent);

    /// <summary>
    /// Adds the ends of agents whose timers have fired to what else changes with an event. A key changes once in an event, and what the event itself wrote into their scopes
    /// ends with them.
    /// </summary>
    public static void AddTo(IList<EntryChange> changes, RoomState state, IReadOnlyCollection<AgentRecord> ended)
    {
        if (ended.Count == 0)
        {
            return;
        }

        var gone = ended.Select(static agent => agent.Id).ToHashSet(StringComparer.Ordinal);
        for (var index = changes.Count - 1; index >= 0; index--)
        {
            if (gone.Contains(changes[index].Scope))
            {
                changes.RemoveAt(index);
            }
        }

        var known = changes.Select(static change => (change.Scope, change.Key)).ToHashSet();
        foreach (var change in Changes(state, ended, byTimer: true))
        {
            if (known.Add((change.Scope, change.Key)))
            {
                changes.Add(change);
            }
        }
    }

    /// <summary>The changes that take away what goes with an id: its scope, the definitions of that scope, what others granted it.</summary>
    public static IEnumerable<EntryChange> Leftovers(RoomState state, string id) => Leftovers(state, new HashSet<string>(StringComparer.Ordinal) { id }, byTimer: false);

    // Not written one by one: a scope may hold very many keys. An agent of a state stands in an entry.
    private static IEnumerable<EntryChange> Changes(RoomState state, IReadOnlyCollection<AgentRecord> ended, bool byTimer) =>
        ended.Select(agent => Delete(ReservedScopes.Agents, agent.Entry!, byTimer))
            .Concat(Leftovers(state, ended.Select(static agent => agent.Id).ToHashSet(StringComparer.Ordinal), byTimer))
            .Concat(Closing.Withdrawn(state, ended.Select(static agent => agent.Id).ToHashSet(StringComparer.Ordinal), byTimer));

    private static IEnumerable<EntryChange> Leftovers(RoomState state, HashSet<string> gone, bool byTimer)
    {
        foreach (var scope in gone.Select(state.Scope).OfType<ScopeState>())
        {
            foreach (var entry in scope.Entries.Values)
            {
                yield return Delete(scope.Name, entry, byTimer);
            }
        }

        foreach (var action in state.Actions.Values.Where(action => gone.Contains(action.Definition.Scope)))
        {
            yield return Delete(ReservedScopes.Actions, action.Entry, byTimer);
        }

        foreach (var view in state.Views.Values.Where(view => gone.Contains(view.Scope)))
        {
            yield return Delete(ReservedScopes.Views, view.Entry!, byTimer);
        }

        foreach (var lease in LeaseChanges.Ending(state, LeaseChanges.Of(state, gone), byTimer))
        {
            yield return lease;
        }

        foreach (var held in Roles.Ended(state, gone))
        {
            yield return Delete(ReservedScopes.RoleHolders, held, byTimer);
        }

        foreach (var other in state.Agents.Values.Where(other => !gone.Contains(other.Id) && (other.Grants.Any(gone.Contains) || other.Trusts.Any(gone.Contains))))
        {
            yield return WithoutGrants(other, gone, byTimer);
        }
    }

    private static Decision Commit(Moment moment, string? by, string agent, ImmutableArray<EntryChange> changes, RoomLimits limits)
    {
        var e = new RoomEvent
        {
            Seq = moment.State.Seq + 1,
            At = moment.Now,
            Kind = EventKind.AgentRemoved,
            Agent = by,
            Params = JsonText.Of(new JsonObject { ["agent"] = agent }),
            Changes = changes,
        };
        var (whole, after) = Lapses.Follow(moment, e, moment.State.Apply(e), LeaseChanges.Of(moment.State, [agent]), limits);
        return Decision.Commit(whole, after, JsonText.Null);
    }

    private static EntryChange Freed(string id) => new() { Kind = ChangeKind.Freed, Scope = ReservedScopes.Agents, Key = id };

    private static EntryChange Delete(string scope, Entry entry, bool byTimer) => new()
    {
        Kind = ChangeKind.Delete,
        Scope = scope,
        Key = entry.Key,
        Fired = byTimer,
        PreviousSeq = entry.Seq,
        PreviousVersion = entry.Version,
    };

    private static EntryChange WithoutGrants(AgentRecord agent, HashSet<string> gone, bool byTimer)
    {
        var entry = agent.Entry!; // An agent of a state stands in an entry.
        var value = (agent with { Grants = [.. agent.Grants.Where(grant => !gone.Contains(grant))], Trusts = [.. agent.Trusts.Where(trusted => !gone.Contains(trusted))] }).ToJson();
        return new EntryChange
        {
            Kind = ChangeKind.Put,
            Scope = ReservedScopes.Agents,
            Key = agent.Id,
            Value = value,
            Revision = entry.Revision + 1,
            Timer = entry.Timer,
            Enabled = entry.Enabled?.Source,
            Fired = byTimer,
            PreviousSeq = entry.Seq,
            PreviousVersion = entry.Version,
        };
    }
}
