using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Writes;

/// <summary>
/// When an action would show to others what its invoker keeps private, and whose word that needs. Known from the definition: what may be published is what its expressions name
/// (<see cref="Frame"/>).
/// </summary>
internal static class Publishing
{
    /// <summary>What consent is given to.</summary>
    public const string SelfState = "state.self";

    /// <summary>Whether an invocation by this agent may publish what it keeps private, as contexts say it.</summary>
    public static bool May(ActionState action, RoomState state, string? reader) => action.Definition.Writes.Any(write =>
        !write.IsOwn ? NamesSelf(write) : reader is not null && TellsOfOwn(write, state, reader, write.Key?.Literal));

    /// <summary>Whether this write of an invocation needs the invoker's word.</summary>
    public static bool NeedsWord(WriteTemplate write, RoomState state, string? invoker, in WriteTarget target) =>
        invoker is not null && (target.Scope != invoker ? NamesSelf(write) : TellsOfOwn(write, state, invoker, target.Key));

    /// <summary>Whether it goes without: an owner registered the action, registrant and invoker are of one user, or the invoker trusts the registrant.</summary>
    public static bool GoesWithout(Moment moment, ActionState action, in Standing standing, Actor invoker)
    {
        // The agent, or the one that comes to be with this act.
        var agent = invoker.Agent is { } id ? moment.State.Agents.GetValueOrDefault(id) ?? invoker.Creates : null;
        return GoesWithout(moment, action, standing, agent);
    }

    /// <summary>The same for an agent; null is one that is gone, which trusts owners alone.</summary>
    public static bool GoesWithout(Moment moment, ActionState action, in Standing standing, AgentRecord? agent)
    {
        if (standing.Level == AccessLevel.Admin)
        {
            return true;
        }

        var registrant = action.By;
        var isHere = registrant.Agent is { } name && moment.State.IsStill(name, registrant.Seq);
        var registrantsUser = registrant.User ?? (isHere ? moment.State.Agents[registrant.Agent!].User : null); // Not null: isHere says so.
        return agent is not null
            && ((registrantsUser is not null && registrantsUser == agent.User)
                || (isHere && (registrant.Agent == agent.Id || agent.Trusts.Contains(registrant.Agent!)))); // The same.
    }

    private static bool NamesSelf(WriteTemplate write) => write.Expressions.Any(static named => named.Expression.NamesSelf);

    // A write into the agent's own scope tells others when it rests on more of that scope than the key itself, and others see what becomes of the key. An entry's condition reads the scope it
    // stands in under its name, without naming self. A null key is not known yet.
    private static bool TellsOfOwn(WriteTemplate write, RoomState state, string agent, string? key) =>
        write.Expressions.Any(named => (named.Expression.NamesSelf || ReferenceEquals(named.Expression, write.Enabled)) && ReadsMore(named.Expression, agent, key))
        && IsShown(state, agent, key);

    // Anything that may reach another key counts, computed names and the whole of state among it.
    private static bool ReadsMore(Expression expression, string agent, string? key) => expression.Reads.Any(read =>
        read.Kind == ReadKind.Everything
        || (read.Scope is { } scope && (scope == agent || scope == ReadPath.SelfMark) && !(read.Kind == ReadKind.Entry && key is not null && KeyOf(read, agent) == key)));

    // Shown by what others learn of: views of the agent's scope and of those it granted, what decides whether these, the agent and its entries show, and the availability of actions that read it.
    private static bool IsShown(RoomState state, string agent, string? key)
    {
        foreach (var view in state.Views.Values)
        {
            if (!ReservedScopes.IsPublic(view.Scope) && state.MayUse(view.Scope, agent)
                && (Reads(view.Expression, agent, key, self: view.Scope) || Reads(view.Enabled, agent, key, self: null)))
            {
                return true;
            }
        }

        foreach (var action in state.Actions.Values)
        {
            var stands = ReservedScopes.IsPublic(action.Definition.Scope) ? action.By.Agent : action.Definition.Scope;
            if (stands is not null && state.MayUse(stands, agent)
                && (Reads(action.Definition.If, agent, key, self: null) || Reads(action.Definition.Enabled, agent, key, self: null)))
            {
                return true;
            }
        }

        return Reads(state.Agents.GetValueOrDefault(agent)?.Entry?.Enabled, agent, key, self: null)
            || (state.Scope(agent) is { Conditional: > 0 } own && own.Entries.Values.Any(entry => entry.Key != key && Reads(entry.Enabled, agent, key, self: null)));
    }

    // Whether an expression in which self is this agent, or nobody that is asked for, reads the key of the agent's scope.
    private static bool Reads(Expression? expression, string agent, string? key, string? self)
    {
        foreach (var read in expression?.Reads ?? [])
        {
            var isOwn = read.Scope == agent || (read.Scope == ReadPath.SelfMark && self == agent);
            if (read.Kind == ReadKind.Everything
                || (isOwn && (read.Kind == ReadKind.Scope || (read.Kind == ReadKind.Entry && (key is null || key == KeyOf(read, self))))))
            {
                return true;
            }
        }

        return false;
    }

    private static string? KeyOf(ReadPath read, string? self) => read.Key == ReadPath.SelfMark ? self : read.Key;
}
