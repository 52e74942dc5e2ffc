using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Authority;

/// <summary>
/// What a registered definition may at one moment, whoever invokes or reads it: the authority of its registrant, or of the agent whose scope it is of, as far as that still holds. A registrant
/// that was removed, whose user has lost the role, or from whom a grant was taken back leaves a definition that sees and writes shared scopes only.
/// </summary>
/// <param name="Level">The registrant's level now.</param>
/// <param name="Principal">The agent in whose place it stands: whose private scope, and whose granted ones, are open to it. Null: shared scopes only.</param>
/// <param name="ReachesAll">Whether it reads and writes every scope: an owner's definition that says so.</param>
internal readonly record struct Standing(AccessLevel Level, string? Principal, bool ReachesAll)
{
    /// <summary>The standing of a definition of a scope.</summary>
    public static Standing Of(Moment moment, Registrant registrant, string scope, bool reachAll = false)
    {
        var level = LevelNow(moment, registrant);
        return new Standing(level, PrincipalOf(moment.State, registrant, level, scope), reachAll && level == AccessLevel.Admin);
    }

    /// <summary>The private scopes it reads by name.</summary>
    public VisibleScopes VisibleScopes(Moment moment)
    {
        if (ReachesAll)
        {
            return new VisibleScopes(All: true, []);
        }

        if (Principal is not { } agent || Level < AccessLevel.Read)
        {
            return Model.Expressions.VisibleScopes.Public;
        }

        var seen = Model.Expressions.VisibleScopes.Of(agent, moment.State);
        return moment.Present is null || !seen.Private.Any(moment.IsRemoved) ? seen : new VisibleScopes(All: false, [.. seen.Private.Where(scope => !moment.IsRemoved(scope))]);
    }

    /// <summary>Whether it writes a private scope by its own authority.</summary>
    public bool Writes(RoomState state, string scope) =>
        ReachesAll || (Level >= AccessLevel.Write && Principal is { } agent && state.MayUse(agent, scope));

    /// <summary>The registrant's level: that of the registering call, capped by what its user may now.</summary>
    public static AccessLevel LevelNow(Moment moment, Registrant registrant)
    {
        if (registrant.Agent is { } id && !moment.State.IsStill(id, registrant.Seq))
        {
            return AccessLevel.None;
        }

        if (registrant.Level is { } level)
        {
            return registrant.User is null ? level : Least(level, moment.LevelOf(registrant.User));
        }

        // Registered before levels were kept: the agent's user stands in for the one who called.
        return registrant.Agent is { } agent && moment.State.Agents[agent].User is { } user && moment.LevelOf(user) is var held and > AccessLevel.None ? held : AccessLevel.Write;
    }

    // A definition of a private scope was registered by that agent, by one it granted, or with full access; only while that holds it stands in the agent's place.
    private static string? PrincipalOf(RoomState state, Registrant registrant, AccessLevel level, string scope)
    {
        if (ReservedScopes.IsPublic(scope))
        {
            return registrant.Agent;
        }

        return level == AccessLevel.Admin || (registrant.Agent is { } agent && level > AccessLevel.None && state.MayUse(agent, scope)) ? scope : null;
    }

    private static AccessLevel Least(AccessLevel one, AccessLevel other) => one < other ? one : other;
}
