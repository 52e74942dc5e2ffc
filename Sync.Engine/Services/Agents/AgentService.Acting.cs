using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Services.Agents;

/// <content>Whom a caller may act as.</content>
public sealed partial class AgentService
{
    /// <summary>
    /// Whether an id can be an agent of the caller's user in a room: null where it is one already or is free to become one, or the refusal that the agent would meet at its first act. For who hands
    /// out a token for it.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_id</c>, <c>agent_exists</c>.</remarks>
    public async Task<SyncError?> IdRefusalAsync(Caller caller, string room, string agent, CancellationToken cancellationToken)
    {
        if (Identifiers.CheckAgentId(agent) is { } invalid)
        {
            return invalid;
        }

        await _ids.LearnAsync(cancellationToken).ConfigureAwait(false);
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var state = authorized.Room.Published;
        return state.Agents.TryGetValue(agent, out var there)
            ? there.User is not null && there.User == authorized.User?.Id ? null : AgentIds.Taken(agent)
            : _ids.CheckNew(state, agent, authorized.User?.Id, authorized.Access.Level == AccessLevel.Admin);
    }

    /// <summary>The agents of the room the caller may name in an invocation: all with full access, else those that are its own. Empty for who only reads.</summary>
    public async Task<Outcome<ImmutableArray<string>>> ActableAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if (authorized.Access.Level < AccessLevel.Write)
        {
            return ImmutableArray<string>.Empty;
        }

        var loaded = authorized.Room;
        var moment = loaded.Now;
        return moment.State.Agents.Keys
            .Where(agent => RoomAuthorizer.ActAs(authorized, moment.State, agent, moment.Now, loaded.Limits).Try(out var actor, out _) && actor.Agent == agent)
            .ToImmutableArray();
    }
}
