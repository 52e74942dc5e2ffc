using Microsoft.Extensions.Logging;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime.Feed;
using Sync.Engine.Runtime.Scheduling;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Runtime;

/// <summary>
/// A room as it is read: what is durable of it, with the waits, streams and pages that hang on it. There is one in a process; commands go to <see cref="Writer"/>, wherever that is.
/// <list type="bullet">
/// <item><see cref="Published"/> is the state after the last durable event. It is replaced with one volatile write, is immutable and never locked.</item>
/// <item>It changes by durable events alone, in order: <see cref="Publish"/> from the writer of this process, which has the states already, or <see cref="Follow"/> from the log. Both are called by one
/// caller at a time, the room's sender. A replica that begins at a snapshot and follows the events after it is at the writer's published state.</item>
/// <item>Each step is told to the waits, then to the feed, in order; whoever acknowledges an event does so after that. A listener that throws keeps nobody else from hearing of it.</item>
/// <item>Presence and read cursors are no events: they are changed by any thread and told by <see cref="Notify"/>.</item>
/// </list>
/// </summary>
internal sealed partial class RoomReplica : IDisposable
{
    private const long SnapshotFloor = 1_000;

    private readonly Lock _lock = new();
    private readonly SteadyClock _time;
    private readonly TimeSpan _lead;
    private readonly ILogger _logger;
    private RoomState _published;
    private long _eventsSinceSnapshot;
    private long _snapshotBytes;
    private int _releasing;
    private bool _disposed;

    public RoomReplica(RoomRecord record, RoomState state, Presence presence, RoomLimits limits, RoomServices services)
    {
        Record = record;
        Presence = presence;
        Limits = limits;
        Scheduler = services.Scheduler;
        _time = services.Time;
        _logger = services.Logger;
        _published = state;

        // The log may have been written while the time was ahead of what it is now. The room's clock goes on from there.
        var behind = state.UpdatedAt - _time.UtcNowToMillisecond();
        _lead = behind > TimeSpan.Zero ? behind : TimeSpan.Zero;
        Waits = new WaitRegistry(this);
        WaitSpans = new WaitSpans(Clock);
        Feed = new RoomFeed(this);
    }

    /// <summary>Where commands go. Set once, before anybody uses the room.</summary>
    public IRoomWriter Writer { get; set; } = NoWriter.Instance;

    /// <summary>The catalogue's current record; replaced by the directory when membership or policy changes.</summary>
    public RoomRecord Record { get; set; }

    public Presence Presence { get; }

    public RoomLimits Limits { get; }

    /// <summary>Where expressions are evaluated.</summary>
    public EvaluationScheduler Scheduler { get; }

    public TimeProvider Time => _time;

    /// <summary>The room's clock, in whole milliseconds: it neither stands still nor runs backwards, whatever becomes of the time as people see it.</summary>
    public DateTimeOffset Clock => _time.UtcNowToMillisecond() + _lead;

    /// <summary>How far the room's clock is ahead of the time as people see it.</summary>
    public TimeSpan Ahead => _time.Ahead + _lead;

    /// <summary>Told of agents that have ended, when their end is durable and before it is acknowledged; quick, any thread.</summary>
    public Action<RoomReplica, AgentBinding>? AgentGone { get; init; }

    /// <summary>Told of every change, of state or of presence, when readers can see it; quick, any thread.</summary>
    public Action<RoomReplica>? Changed { get; init; }

    /// <summary>Told when enough has been logged since the last snapshot that loading would notice.</summary>
    public Action<RoomReplica>? SnapshotDue { get; init; }

    /// <summary>Told of changes that are no event: presence, cursors, roles. Who is here falls idle some day, without any command. Quick, any thread.</summary>
    public Action<IReadOnlyList<StateKey>>? Noticed { get; set; }

    /// <summary>Parked conditions.</summary>
    public WaitRegistry Waits { get; }

    /// <summary>What ended the agents' last waits.</summary>
    public WakeMemory Wakes { get; } = new();

    /// <summary>When the agents waited, and for what.</summary>
    public WaitSpans WaitSpans { get; }

    /// <summary>Streams and pages.</summary>
    public RoomFeed Feed { get; }

    /// <summary>The state after the last durable event.</summary>
    public RoomState Published => Volatile.Read(ref _published);

    /// <summary>Bytes of events published since the last snapshot.</summary>
    public long BytesSinceSnapshot { get; private set; }

    public DateTimeOffset LastUsed { get; private set; }

    public Moment Now => MomentOf(Published, Clock);

    /// <summary>Whether the room is being let go of; a new load has to wait for <see cref="Released"/>.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed);

    /// <summary>Completes when everything the room still had under way is on disk and another load may begin.</summary>
    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A state of the room, at a time of its clock.</summary>
    public Moment MomentOf(RoomState state, DateTimeOffset at) => new(state, Presence, at, Record) { Ahead = Ahead };

    /// <summary>What one request may spend on expressions; whoever begins a request takes one.</summary>
    public CelBudget NewBudget() => new(Limits.Cel, _time);

    /// <summary>Whether the caller is to let go of the room: true once, also where an idle room is deleted or taken over meanwhile.</summary>
    public bool TryBeginRelease() => Interlocked.Exchange(ref _releasing, 1) == 0;

    /// <summary>Marks the room as in use, which keeps it loaded.</summary>
    public void Use() => LastUsed = _time.GetUtcNow();

    /// <summary>Whether nobody has used the room for so long and nothing hangs on it.</summary>
    public bool IsUnused(TimeSpan span) => Waits.Count == 0 && Feed.Subscribers == 0 && _time.GetUtcNow() - LastUsed >= span;

    /// <summary>Takes in events of the log that another writer has written, oldest first, each with the bytes of its body.</summary>
    public void Follow(IReadOnlyList<(RoomEvent Event, int Bytes)> events)
    {
        var state = Published;
        var published = new PublishedEvent[events.Count];
        for (var index = 0; index < published.Length; index++)
        {
            state = state.Apply(events[index].Event);
            published[index] = new PublishedEvent(events[index].Event, state, events[index].Bytes);
        }

        Publish(published);
    }

    /// <summary>Takes in events that are durable, with the states after them, and tells whoever waits for them.</summary>
    public void Publish(IReadOnlyList<PublishedEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        bool snapshot;
        object standing;
        lock (_lock)
        {
            standing = _published.StandingStamp;
            Volatile.Write(ref _published, events[^1].After);
            _eventsSinceSnapshot += events.Count;
            foreach (var published in events)
            {
                BytesSinceSnapshot += published.Bytes;
            }

            // In proportion to the snapshot's own size, so that writing snapshots never costs more than writing the log.
            snapshot = _eventsSinceSnapshot >= SnapshotFloor && BytesSinceSnapshot >= _snapshotBytes;
        }

        foreach (var published in events)
        {
            Notify(static (room, published) => room.TurnOver(published), published);
        }

        // Every step is told in order, also those that one transaction brought to disk together: a wait never misses a state.
        foreach (var published in events)
        {
            var isNew = !ReferenceEquals(standing, published.After.StandingStamp);
            standing = published.After.StandingStamp;
            if (Waits.Count > 0)
            {
                Notify(static (room, t) => room.Waits.Publish(new RoomStep(t.published.After, t.published.Event, Changes(t.published.Event, t.isNew))), (published, isNew));
            }
        }

        Notify(static (room, events) => room.Feed.Publish(events), events);
        if (snapshot)
        {
            Notify(static (room, _) => room.SnapshotDue?.Invoke(room), 0);
        }
    }

    /// <summary>Notes that a snapshot of so many bytes has been taken at the published state.</summary>
    public void SnapshotTaken(long bytes, long seq)
    {
        lock (_lock)
        {
            _snapshotBytes = bytes;
            BytesSinceSnapshot = 0;
            _eventsSinceSnapshot = Math.Max(0, _published.Seq - seq);
        }
    }

    /// <summary>Whether a snapshot would save work at the next load.</summary>
    public bool HasUnsavedEvents => _eventsSinceSnapshot > 100;

    /// <summary>Raises <see cref="Changed"/>.</summary>
    internal void RaiseChanged() => Notify(static (room, _) => room.Changed?.Invoke(room), 0);

    /// <summary>Tells waits and feeds of a change that is no event.</summary>
    public void Notify(params IReadOnlyList<StateKey> changed)
    {
        Noticed?.Invoke(changed);
        Waits.Publish(new RoomStep(Published, Event: null, changed));
        Feed.Publish(null);
    }

    /// <summary>Has pages show what the catalogue says of the room by now; and what definitions may do hangs on their registrants' roles.</summary>
    public void RecordChanged()
    {
        Noticed?.Invoke([StateKey.Standing]);
        Waits.Publish(new RoomStep(Published, Event: null, [StateKey.Standing]));
        Feed.Publish(null);
    }

    /// <summary>Marks an agent as here now.</summary>
    public void Touch(string? agent)
    {
        if (agent is null)
        {
            return;
        }

        if (Presence.Touch(agent, Clock))
        {
            Notify(new StateKey(ReservedScopes.Agents, agent));
        }
    }

    /// <summary>Ends what hangs on the room: waits, streams, pages.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Waits.Close();
        Feed.Close();
    }

    // An agent that ends, or begins under the id of one that has ended, has none of the presence and the cursor that were kept under the id.
    private void TurnOver(PublishedEvent published)
    {
        foreach (var change in published.Event.Changes)
        {
            if (change.Scope != ReservedScopes.Agents)
            {
                continue;
            }

            if (change.Kind == ChangeKind.Delete)
            {
                Presence.Forget(change.Key);
                Waits.EndOf(change.Key);
                Wakes.Forget(change.Key);
                WaitSpans.Forget(change.Key);
                if (published.After.Removed.TryGetValue(change.Key, out var removed))
                {
                    AgentGone?.Invoke(this, new AgentBinding(removed.Id, removed.Since));
                }
            }
            else if (published.After.Agents.TryGetValue(change.Key, out var agent) && agent.Since == published.Event.Seq)
            {
                Presence.Forget(change.Key);
            }
        }
    }

    internal static List<StateKey> Changes(RoomEvent e, bool isNewStanding)
    {
        var changes = new List<StateKey>(e.Changes.Length + 2);
        foreach (var change in e.Changes)
        {
            changes.Add(new StateKey(change.Scope, change.Key));
        }

        // An invocation moves the action's own figures: use count and cooldown.
        foreach (var action in e.InvokedActions())
        {
            changes.Add(new StateKey(ReservedScopes.Actions, action));
        }

        if (isNewStanding)
        {
            changes.Add(StateKey.Standing);
        }

        return changes;
    }

    /// <summary>Tells whoever listens to the room. What they make of it is theirs: it keeps neither the others from hearing of it nor a caller from its answer.</summary>
    private void Notify<T>(Action<RoomReplica, T> tell, T what)
    {
        try
        {
            tell(this, what);
        }
        catch (Exception bug)
        {
            LogListenerThrew(_logger, bug, Record.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Room {Room}: a listener to its events threw.")]
    private static partial void LogListenerThrew(ILogger logger, Exception bug, string room);

    private sealed class NoWriter : IRoomWriter
    {
        public static NoWriter Instance { get; } = new();

        public Task<Outcome<Committed>> ExecuteAsync(RoomCommand command, CancellationToken cancellationToken) => Task.FromResult<Outcome<Committed>>(RoomWriter.Unavailable);
    }
}

/// <summary>An event that is durable.</summary>
/// <param name="Event">The event.</param>
/// <param name="After">The room after it.</param>
/// <param name="Bytes">The bytes of its body.</param>
internal readonly record struct PublishedEvent(RoomEvent Event, RoomState After, int Bytes);
