using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Services.History;

namespace Sync.Engine.Services.Timelines;

/// <summary>What the agents of a room did over time.</summary>
public sealed class TimelineService
{
    private readonly RoomAuthorizer _authorizer;
    private readonly AgentTimelines _timelines;

    internal TimelineService(RoomAuthorizer authorizer, AgentTimelines timelines)
    {
        _authorizer = authorizer;
        _timelines = timelines;
    }

    /// <summary>
    /// A lane for each agent, of the newest events that a timeline reaches back to; up to event <paramref name="at"/>, of the agents of then, or with null up to now. Waits are known since the server
    /// opened the room. Made to be asked with every change.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c> for an event the room does not have.</remarks>
    public async Task<Outcome<AgentTimeline>> ReadAsync(Caller caller, string room, long? at, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await EnterAsync(caller, room, at).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        return at is { } seq ? await _timelines.AtAsync(authorized, seq, cancellationToken).ConfigureAwait(false) : await _timelines.CurrentAsync(authorized, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What an agent waited for, newest first, in words and as far as the caller may read it; up to event <paramref name="at"/>, or with null up to now. Empty for an agent that is not there.</summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c> for an event the room does not have.</remarks>
    public async Task<Outcome<ImmutableArray<WaitStretch>>> WaitsAsync(Caller caller, string room, string agent, long? at, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await EnterAsync(caller, room, at).ConfigureAwait(false)).Try(out var authorized, out var error)
            ? await _timelines.WaitsAsync(authorized, agent, at, cancellationToken).ConfigureAwait(false)
            : error;
    }

    private async Task<Outcome<AuthorizedRoom>> EnterAsync(Caller caller, string room, long? at)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var published = authorized.Room.Published;
        return at < 1 || at > published.Seq ? HistoryService.NoEvent(at.Value, published, "at") : authorized;
    }
}
