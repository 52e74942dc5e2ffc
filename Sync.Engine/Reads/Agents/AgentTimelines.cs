using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sync.Engine.Authority;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.History;
using Sync.Engine.Runtime;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Reads.Agents;

/// <summary>
/// Builds timelines: of the newest events of the log, of approvals as the state has them, and of the waits that this process remembers. What was read of the log is kept for each room while the room is
/// loaded, and extended by what has happened since, so that a page that asks with every change costs the agents that have changed. Everything in a lane is for everybody in the room; what an agent waits
/// for is told for each reader.
/// </summary>
internal sealed class AgentTimelines(RoomDirectory directory, RoomStore store)
{
    /// <summary>Events that a timeline reaches back to.</summary>
    public const int MaxEvents = 10_000;

    private const int MaxStretches = 50;

    private readonly ConditionalWeakTable<RoomReplica, RoomActs> _rooms = [];
    private readonly PastStates _past = new(directory);
    private readonly WaitWords _words = new();

    /// <summary>The timeline up to now.</summary>
    public async Task<Outcome<AgentTimeline>> CurrentAsync(AuthorizedRoom authorized, CancellationToken cancellationToken)
    {
        var room = authorized.Room;
        var acts = _rooms.GetValue(room, static _ => new RoomActs(MaxEvents));
        var upTo = room.Published.Seq;
        while (acts.Seq is var known && known < upTo)
        {
            var heads = room.Feed.RecentAfter(known) is { Count: > 0 } recent && recent[0].Seq == known + 1
                ? [.. recent.Select(EventHead.Of)]
                : await store.HeadsAsync(authorized.Record.Row, known, upTo, MaxEvents, cancellationToken).ConfigureAwait(false);
            acts.Add(heads, upTo);
        }

        var (self, visible) = (authorized.Self(room.Published), authorized.VisibleScopes(room.Published));
        return await authorized.EvaluateAsync(
            (acts, authorized, self, visible),
            static t => Outcome<AgentTimeline>.Of(Build(t.acts, t.authorized, t.authorized.Room.Now, t.self, t.visible)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The timeline up to an event that the room has, of the agents of then.</summary>
    public async Task<Outcome<AgentTimeline>> AtAsync(AuthorizedRoom authorized, long seq, CancellationToken cancellationToken)
    {
        var state = await _past.AtAsync(authorized, seq, cancellationToken).ConfigureAwait(false);
        var acts = new RoomActs(MaxEvents);
        acts.Add(await store.HeadsAsync(authorized.Record.Row, 0, seq, MaxEvents, cancellationToken).ConfigureAwait(false), seq);
        var (self, visible) = authorized.In(state);
        var moment = new Moment(state, new Presence(), state.UpdatedAt, authorized.Record) { Present = authorized.Room.Published };
        return await authorized.EvaluateAsync(
            (acts, authorized, moment, self, visible),
            static t => Outcome<AgentTimeline>.Of(Build(t.acts, t.authorized, t.moment, t.self, t.visible, isPast: true)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What an agent waited for, newest first; up to an event, or with null up to now.</summary>
    public async Task<ImmutableArray<WaitStretch>> WaitsAsync(AuthorizedRoom authorized, string agent, long? seq, CancellationToken cancellationToken)
    {
        var room = authorized.Room;
        var state = seq is { } past ? await _past.AtAsync(authorized, past, cancellationToken).ConfigureAwait(false) : room.Published;
        if (!state.Agents.TryGetValue(agent, out var record) || room.Published.Agents.GetValueOrDefault(agent)?.Since != record.Since)
        {
            return [];
        }

        var until = seq is null ? (DateTimeOffset?)null : state.UpdatedAt;
        var visible = authorized.In(state).VisibleScopes;
        return [.. UpTo(room.WaitSpans.Of(agent), until).Reverse().Take(MaxStretches)
            .Select(span => new WaitStretch(_words.Of(agent, span.Condition, room.Published.Language, visible), span.From, span.Until))];
    }

    /// <summary>What an agent waits for, to a reader who sees so much.</summary>
    public WaitModel Describe(string agent, string condition, RoomLanguage language, VisibleScopes visible) => _words.Of(agent, condition, language, visible);

    /// <summary>What an agent waited for at a moment gone by, where this process knows.</summary>
    public static string? ConditionAt(RoomReplica room, AgentRecord agent, DateTimeOffset at) =>
        room.Published.Agents.GetValueOrDefault(agent.Id)?.Since == agent.Since ? UpTo(room.WaitSpans.Of(agent.Id), at).LastOrDefault(static span => span.Until is null)?.Condition : null;

    private static IEnumerable<WaitSpan> UpTo(ImmutableArray<WaitSpan> spans, DateTimeOffset? until) => until is not { } at ? spans
        : spans.Where(span => span.From <= at).Select(span => span.Until > at ? span with { Until = null } : span);

    private static AgentTimeline Build(RoomActs acts, AuthorizedRoom authorized, Moment moment, string? self, VisibleScopes visible, bool isPast = false)
    {
        var (room, state) = (authorized.Room, moment.State);
        var reader = new RoomActivation(moment, visible, self, room.NewBudget());
        var asked = state.Approvals.All.Where(static record => record.Agent is not null).ToLookup(static record => record.Agent!, StringComparer.Ordinal); // Asked before.
        var lanes = ImmutableArray.CreateBuilder<AgentLane>(state.Agents.Count);
        foreach (var agent in state.Agents.Values)
        {
            if (!reader.IsVisible(agent))
            {
                continue;
            }

            // What bore the id before is another agent, of whose waits nothing is kept.
            var waits = room.Published.Agents.GetValueOrDefault(agent.Id)?.Since == agent.Since ? room.WaitSpans.Of(agent.Id) : [];
            lanes.Add(acts.LaneOf(agent, waits, [.. asked[agent.Id].Select(AskedDecision.Of)], isPast ? moment.Now : null));
        }

        return new AgentTimeline
        {
            Seq = state.Seq,
            Until = moment.Now,
            From = acts.Begin is { } begin && acts.IsCut ? begin : authorized.Record.CreatedAt,
            IsCut = acts.IsCut,
            WaitsSince = room.WaitSpans.Since,
            Lanes = lanes.DrainToImmutable(),
        };
    }
}
