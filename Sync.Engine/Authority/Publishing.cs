using Sync.Engine.Actions;
using Sync.Engine.Actions.WriteTemplates;
using Sync.Engine.Expressions;
using Sync.Engine.Rooms;
using Sync.Engine.Views;

namespace Sync.Engine.Authority;

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
        NamesSelf(write) && (write.Scope.Single is not { Root: "self" } || (reader is not null && IsShown(state, reader, write.Key?.Literal, write))));

    /// <summary>Whether this write of an invocation needs the invoker's word.</summary>
    public static bool NeedsWord(WriteTemplate write, RoomState state, string? invoker, in WriteTarget target) =>
        invoker is not null && NamesSelf(write) && (target.Scope != invoker || IsShown(state, invoker, target.Key, write));

    /// <summary>Whether it goes without: an owner registered the action, registrant and invoker are of one user, or the invoker trusts the registrant.</summary>
    public static bool GoesWithout(Moment moment, ActionState action, in Standing standing, Actor invoker)
    {
        if (standing.Level == AccessLevel.Admin)
        {
            return true;
        }

        // The agent, or the one that comes to be with this act.
        var agent = invoker.Agent is { } id ? moment.State.Agents.GetValueOrDefault(id) ?? invoker.Creates : null;
        var registrant = action.By;
        var isHere = registrant.Agent is { } name && moment.State.IsStill(name, registrant.Seq);
        var registrantsUser = registrant.User ?? (isHere ? moment.State.Agents[registrant.Agent!].User : null); // Not null: isHere says so.
        return agent is not null
            && ((registrantsUser is not null && registrantsUser == agent.User)
                || (isHere && (registrant.Agent == agent.Id || agent.Trusts.Contains(registrant.Agent!)))); // The same.
    }

    private static bool NamesSelf(WriteTemplate write) => write.Expr is { NamesSelf: true } || write.Enabled is { NamesSelf: true };

    // Whether what is written to this key of the agent's own scope is shown by a view, and is more than the key's own value. A null key is not known yet.
    private static bool IsShown(RoomState state, string agent, string? key, WriteTemplate write) =>
        state.Views.Values.Any(view => Reads(view, state, agent, key)) && (key is null || !OnlyNames(write.Expr, key) || !OnlyNames(write.Enabled, key));

    private static bool OnlyNames(Expression? expression, string key) => expression is null || expression.SelfKeys.All(named => named == key);

    private static bool Reads(ViewDefinition view, RoomState state, string agent, string? key)
    {
        if (Names.IsPublic(view.Scope) || !state.MayUse(view.Scope, agent))
        {
            return false;
        }

        foreach (var read in view.Expression.Reads)
        {
            var isOwn = read.Scope == agent || (read.Scope == ReadPath.SelfMark && view.Scope == agent);
            if (read.Kind == ReadKind.Everything
                || (isOwn && (read.Kind == ReadKind.Scope || (read.Kind == ReadKind.Entry && (key is null || key == (read.Key == ReadPath.SelfMark ? view.Scope : read.Key))))))
            {
                return true;
            }
        }

        return false;
    }
}
