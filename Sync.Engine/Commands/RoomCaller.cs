using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Commands;

/// <summary>A caller in a room: what the caller may do there, and as which agent. A command knows this much of its caller; the loaded room is not part of it.</summary>
internal record RoomCaller(RoomRecord Record, RoomAccess Access, Caller Caller, UserRecord? User)
{
    /// <summary>
    /// The agent the caller is when it reads: the one it is bound to, or its user's own if that is in the room. A token that only reads is nobody: a shared link must
    /// not move its owner's cursor.
    /// </summary>
    public string? Self(RoomState state)
    {
        if (Caller.Session?.SessionIn(Record.Id) is { } session)
        {
            // A token of one agent is that agent, whether or not the session says so.
            return Access.Level >= AccessLevel.Write && (session.Agent ?? Access.BoundAgent) is { } acting && state.Agents.TryGetValue(acting, out var agent) && Holds(agent)
                && (session.Role is null || session.Agent is not null || agent.Role == session.Role)
                ? acting
                : null;
        }

        if (Access.BoundAgent is { } bound)
        {
            // An agent that is not there yet, or not any more, is nobody: what its scope holds is not for whoever waits for the id.
            return state.Agents.TryGetValue(bound, out var held) && Holds(held) ? bound : null;
        }

        return User is { } user && Access.Level >= AccessLevel.Write ? AgentIds.PlainOf(state, user)?.Id : null;
    }

    /// <summary>
    /// Whether the caller's token may act as this agent. Asked at each use: a scope may name an agent before there is one, whom somebody else may join as first: no token becomes
    /// another person's agent. An owner may be anybody, and an agent's own token (which has no user) is that agent.
    /// </summary>
    public bool Holds(AgentRecord agent)
    {
        var mine = User is not null && agent.User == User.Id;
        return Access.BoundAgent is { } bound
            ? bound == agent.Id && (Access.BoundSince ?? agent.Since) == agent.Since && (mine || User is null || Access.Role == Role.Owner)
            : Access.Level == AccessLevel.Admin || (Access.Level == AccessLevel.Write && mine);
    }

    /// <summary>
    /// What the caller sees of private scopes. Who acts as an agent, embodied or bound to it, sees what that agent sees; an owner among them may ask for the others' with
    /// <paramref name="withPrivate"/>. An owner who acts as nobody sees all.
    /// </summary>
    public VisibleScopes VisibleScopes(RoomState state, bool withPrivate = false)
    {
        var self = Self(state);
        var isAgent = self is not null && (Caller.Session is not null || Access.BoundAgent is not null);
        return Access.SeesAllScopes && (withPrivate || !isAgent) ? new VisibleScopes(All: true, [])
            : self is null ? Model.Expressions.VisibleScopes.Public
            : Model.Expressions.VisibleScopes.Of(self, state);
    }
}
