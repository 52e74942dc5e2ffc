using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Reads.History;
using Sync.Engine.Services.History;

namespace Sync.Engine.Services.Timelines;

/// <summary>What the agents of a room did over time.</summary>
public sealed class TimelineService
{
    private readonly RoomAuthorizer _authorizer;
    private readonly AgentTimelines _timelines;
    private readonly CursorCheck _cursors;

    internal TimelineService(RoomAuthorizer authorizer, AgentTimelines timelines, CursorCheck cursors)
    {
        _authorizer = authorizer;
        _timelines = timelines;
        _cursors = cursors;
    }

    /// <summary>
    /// A lane for each agent, of the newest events that a timeline reaches back to; up to event <paramref name="at"/>, of the agents of then, or with null up to now. Waits are known since the server
    /// opened the room. Made to be asked with every change.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c> for an event the room does not have.</remarks>
    public async Task<Outcome<AgentTimeline>> ReadAsync(Caller caller, string room, long? at, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await EnterAsync(caller, room, at).ConfigureAwait(false)).Try(out var authorized, out var error) ? await TimelineAsync(authorized, at, cancellationToken).ConfigureAwait(false) : error;
    }

    /// <summary>
    /// The same as an answer: <c>{agents: [{agent, now, last_seq?, spans: [{activity, from, until?}], cut?}], seq, from, until, waits_since, earlier?, missing?}</c>; of all agents, or of
    /// <paramref name="agent"/> alone. What goes on at its end has no <c>until</c>. Refusals of the position name <paramref name="parameter"/>.
    /// </summary>
    /// <remarks>Errors: those of access, <c>agent_not_found</c>, <c>cursor_reset</c>, <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<AgentTimelineAnswer>> AnswerAsync(Caller caller, string room, string? agent, EventCursor? at, string parameter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await EnterAsync(caller, room, at?.Seq, parameter).ConfigureAwait(false)).Try(out var authorized, out var error)
            || (error = await _cursors.CheckAsync(authorized, authorized.Room.Published, at, parameter, cancellationToken).ConfigureAwait(false)) is not null)
        {
            return error;
        }

        if (!(await TimelineAsync(authorized, at?.Seq, cancellationToken).ConfigureAwait(false)).Try(out var timeline, out error))
        {
            return error;
        }

        return agent is not null && timeline.Of(agent) is null
            ? AgentErrors.Unknown(authorized.Room.Published, agent)
            : new AgentTimelineAnswer(timeline, agent, authorized.Room.Limits.AnswerBytes);
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

    private Task<Outcome<AgentTimeline>> TimelineAsync(AuthorizedRoom authorized, long? at, CancellationToken cancellationToken) =>
        at is { } seq ? _timelines.AtAsync(authorized, seq, cancellationToken) : _timelines.CurrentAsync(authorized, cancellationToken);

    private async Task<Outcome<AuthorizedRoom>> EnterAsync(Caller caller, string room, long? at, string parameter = "at")
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var published = authorized.Room.Published;
        return at < 1 || at > published.Seq ? HistoryService.NoEvent(at.Value, published, parameter) : authorized;
    }
}
