using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sync.Cel.Syntax;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Identity;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Agents;

/// <summary>
/// Declared roles and who fills them. A room that declares none has labels for roles, and nothing here refuses them. A declared role is the lease <c>role:NAME</c>: filled by one agent at most, whether it
/// took it by an action (<c>fill_role</c> of the standard library), a join, an embodiment or a change of the agent. It ends as leases do, with the embodiment, and when the agent is done or takes another
/// label. Pure functions of the room; where a role and its holder are kept is known here alone. Rooms of before kept holders in <c>_role_holders</c>, and so do the actions that they registered then: what stands
/// there is no more who fills a role, and goes with its agent as it always did, since those actions ask for it.
/// </summary>
internal static class Roles
{
    // Named in a refusal; a room may declare more.
    private const int MaxNamed = 20;

    /// <summary>The declared roles, in order; none where roles are labels.</summary>
    public static IEnumerable<string> Declared(Moment moment) =>
        moment.State.Scope(ReservedScopes.Roles)?.Entries.Values.Where(entry => IsThere(moment, entry)).Select(static entry => entry.Key) ?? [];

    /// <summary>The agent that fills a role, or null.</summary>
    public static string? HolderOf(Moment moment, string role) => LeaseOf(moment, role)?.First.Agent;

    /// <summary>The roles that an agent fills, in order.</summary>
    public static IEnumerable<string> HeldBy(Moment moment, string agent) =>
        moment.State.Leases.KeysOf(agent)
            .Select(LeaseKeys.RoleOf)
            .OfType<string>()
            .Where(role => LeaseOf(moment, role)?.Of(agent) is not null);

    /// <summary>The refusal for an agent that is to fill a role, or null. Null, too, where the room declares no role.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="role">The role that is asked for.</param>
    /// <param name="agent">Who is to fill it; null for one that is made for it.</param>
    /// <param name="user">Whose agent that is, or null: their other agents give the role up to it when they are told to.</param>
    /// <param name="mayRead">Whether who asks may wait in the room already; who may not comes in without the role first.</param>
    public static SyncError? Check(Moment moment, string role, string? agent, string? user = null, bool mayRead = true)
    {
        var declared = Declared(moment).ToList();
        if (declared.Count == 0 || (role == AgentRole.Default && !declared.Contains(role)))
        {
            return null;
        }

        if (!declared.Contains(role))
        {
            var near = DidYouMean.Nearest(role, declared);
            var vacant = declared.Where(known => HolderOf(moment, known) is null).Take(MaxNamed).ToList();
            return new SyncError(ErrorCode.InvalidParameter, $"This room declares its roles, and '{Identifiers.Shown(role)}' is none of them.")
            {
                Hint = near is not null ? $"Did you mean '{near}'?"
                    : vacant.Count > 0 ? $"Vacant are {string.Join(", ", vacant.Select(Identifiers.Shown))}."
                    : "All of them are filled. Leave 'role' out to take part without one.",
                Help = "standard_library",
            }.With("parameter", "role").With("roles", new JsonArray([.. declared.Take(MaxNamed).Select(known => (JsonNode)new JsonObject { ["role"] = known, ["agent"] = HolderOf(moment, known) })]));
        }

        if (HolderOf(moment, role) is not { } holder || holder == agent)
        {
            return null;
        }

        var room = moment.Record?.Id;
        var condition = LeaseErrors.Free(LeaseKeys.OfRole(role));
        var isOwn = user is not null && moment.State.Agents.TryGetValue(holder, out var known) && known.User == user;
        return new SyncError(ErrorCode.LeaseHeld, $"The role '{Identifiers.Shown(role)}' is filled by '{holder}'{(isOwn ? ", an agent of your own user" : "")}.")
        {
            Hint = isOwn ? "Act as that agent, or wait until it is vacated, or take part without a role: leave 'role' out."
                : mayRead ? "Wait until it is vacated, or take part without a role: leave 'role' out."
                : "Come in without a role: leave 'role' out. Then wait until it is vacated.",
            Next =
            [
                .. isOwn && room is not null ? [NextStep.Embody(room, holder, takeOver: true)] : Array.Empty<NextStep>(),
                .. mayRead ? Array.Empty<NextStep>() : [NextStep.JoinRoom(room)],
                NextStep.Wait(room, condition),
            ],
            LogMessage = $"The role '{Identifiers.Shown(role)}' was filled.",
        }.With("role", role).With("holder", holder).With("condition", condition);
    }

    /// <summary>Whether nothing is left to check or to note for an agent that asks for a role.</summary>
    public static bool IsSettled(Moment moment, string role, string agent) =>
        HolderOf(moment, role) == agent ? Declared(moment).Contains(role) : role == AgentRole.Default && !Declared(moment).Contains(role) || !Declared(moment).Any();

    /// <summary>Notes that an agent takes a role, after <see cref="Check"/>: it fills it where it is declared, and no longer fills the one that was its label before.</summary>
    /// <param name="copy">What takes it.</param>
    /// <param name="moment">The room.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="before">Its label before, or null.</param>
    /// <param name="role">The role.</param>
    /// <param name="via">What takes it, as leases say it.</param>
    public static void Change(WorkingCopy copy, Moment moment, AgentRecord agent, string? before, string role, string via)
    {
        if (before is not null && before != role)
        {
            End(copy, moment, before, agent.Id);
        }

        Fill(copy, moment, role, agent, via);
    }

    /// <summary>Takes every role from an agent.</summary>
    public static void Vacate(WorkingCopy copy, Moment moment, string agent) => Vacate(copy, moment, agent, [.. NotedBefore(moment.State, agent)]);

    private static void Vacate(WorkingCopy copy, Moment moment, string agent, IReadOnlyList<Entry> notes)
    {
        foreach (var role in HeldBy(moment, agent).ToList())
        {
            End(copy, moment, role, agent);
        }

        foreach (var noted in notes)
        {
            copy.Delete(ReservedScopes.RoleHolders, noted.Key);
        }
    }

    /// <summary>Notes that an agent fills a role from now on, after <see cref="Check"/>. Nothing where the room declares no role, or where it fills it already.</summary>
    public static void Fill(WorkingCopy copy, Moment moment, string role, AgentRecord agent, string via)
    {
        if (Declared(moment).Contains(role) && HolderOf(moment, role) != agent.Id)
        {
            copy.Leases.Give(LeaseKeys.OfRole(role), agent.Id, agent.Since, via);
        }
    }

    /// <summary>What rooms of before note of the roles of agents that end.</summary>
    public static IEnumerable<Entry> Ended(RoomState state, IReadOnlySet<string> gone) =>
        state.Scope(ReservedScopes.RoleHolders)?.Entries.Values.Where(entry => Holder(entry) is { } agent && gone.Contains(agent)) ?? [];

    /// <summary>Whether an agent fills a role, or is noted as if it did by a room of before.</summary>
    public static bool HasAny(Moment moment, string agent) => HeldBy(moment, agent).Any() || NotedBefore(moment.State, agent).Any();

    /// <summary>Decides that an agent gives up the roles that it fills: an embodiment that is let go fills none. Commits nothing where there is none.</summary>
    public static Decision DecideRelease(Moment moment, AgentBinding agent, RoomLimits limits)
    {
        if (!moment.State.Agents.TryGetValue(agent.Agent, out var known) || known.Since != agent.Since)
        {
            return Decision.Reply(JsonText.Null);
        }

        var notes = NotedBefore(moment.State, agent.Agent).Where(note => !IsGuarded(moment, note)).ToList();
        var held = HeldBy(moment, agent.Agent).Union(notes.Select(static entry => entry.Key)).ToList();
        if (held.Count == 0)
        {
            return Decision.Reply(JsonText.Null);
        }

        var copy = new WorkingCopy(moment);
        Vacate(copy, moment, agent.Agent, notes);
        var e = new RoomEvent
        {
            Seq = moment.State.Seq + 1,
            At = moment.Now,
            Kind = EventKind.AgentUpdated,
            Agent = agent.Agent,
            Params = JsonText.Of(new JsonObject { ["vacated"] = new JsonArray([.. held.Select(static role => (JsonNode)role)]) }),
            Changes = copy.ToChanges(),
        };
        var (whole, after) = Lapses.Follow(moment, e, moment.State.Apply(e), copy.EndedLeases, limits);
        return Decision.Commit(whole, after, JsonText.Null);
    }

    private static LeaseRecord? LeaseOf(Moment moment, string role) => LiveLeases.Find(moment, LeaseKeys.OfRole(role));

    private static void End(WorkingCopy copy, Moment moment, string role, string agent)
    {
        if (LeaseOf(moment, role)?.Of(agent) is { } hold)
        {
            copy.Leases.End(LeaseKeys.OfRole(role), hold, LeaseEndReason.Released);
        }
    }

    private static IEnumerable<Entry> NotedBefore(RoomState state, string agent) =>
        state.Scope(ReservedScopes.RoleHolders)?.Entries.Values.Where(entry => Holder(entry) == agent && state.IsStill(agent, entry.Seq)) ?? [];

    // What the room's rules keep from others stays: an embodiment that ends asks nobody, and cannot be refused.
    private static bool IsGuarded(Moment moment, Entry note) => moment.State.TargetRules.Of(ReservedScopes.RoleHolders, note.Key, moment.State.Language.NewSmallBudget()) is not [];

    private static bool IsThere(Moment moment, Entry entry) => entry.Timer is not { } timer || moment.HasFired(timer) == (timer.Effect == Model.Timers.TimerEffect.Enable);

    private static string? Holder(Entry entry) =>
        entry.Value.Kind == System.Text.Json.JsonValueKind.Object && entry.Value.ToNode() is JsonObject value && value["agent"] is JsonValue agent && agent.TryGetValue<string>(out var id) ? id : null;
}
