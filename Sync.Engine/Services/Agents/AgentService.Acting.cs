using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Services.Agents;

/// <content>Whom a caller may act as.</content>
public sealed partial class AgentService
{
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
