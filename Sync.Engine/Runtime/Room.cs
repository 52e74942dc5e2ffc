using Microsoft.Extensions.Logging;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime.Feed;
using Sync.Engine.Runtime.Scheduling;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Runtime;

/// <summary>
/// A loaded room: an event-sourced state machine with one writer.
/// <list type="bullet">
/// <item><see cref="Published"/> is what readers see: the state after the last durable event. It is replaced with one volatile write and never locked.</item>
/// <item><c>_pending</c> is what the next command builds on: published plus the events that are on their way to disk. Commands are decided on it one at a time, by the owner of the
/// room's queue (Room.Commands.cs), outside of any lock; it is replaced under <c>_lock</c>, where its event is handed to the log, so log order is seq order.</item>
/// <item><c>_lock</c> guards every field that changes and is held for a few instructions: no I/O, await, callback or evaluation happens there, so the log's thread never waits for a decision.</item>
/// <item>One append of the room is on its way at a time; what is decided meanwhile goes with the next one (Room.Durability.cs). When the log has it, the state is published, waits and feeds
/// are told, and only then the caller is answered.</item>
/// <item>An answer of any kind is released when the events it was decided on are durable. When the log fails, everything after the last durable event is undone: pending falls back to
/// published, and whoever waits for an undone event, or decided on one, gets <c>unavailable</c>.</item>
/// <item>The room acquires its epoch with its first append. Once another writer has acquired a newer one it writes nothing more and is to be let go of.</item>
/// </list>
/// </summary>
internal sealed partial class Room : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IRoomLog _log;
    private readonly SteadyClock _time;
    private readonly TimeSpan _lead;
    private readonly ILogger _logger;
    private readonly EvaluationScheduler _scheduler;
    private readonly RoomServices _services;
    private readonly HealthComponent _timerHealth;
    private readonly RoomLimits _limits;
    private readonly ITimer _timer;
    private readonly Action _onAppended;
    private readonly RefusalCoalescer _refusals = new();
    private readonly RequestKeys _requests = new();
    private RoomState _pending;
    private RoomState _published;

    // The newest event in flight that changes the room: what a decision made now rests on. Refusals change nothing.
    private PendingEvent? _lastChange;
    private Clocks _swept = Clocks.Start;
    private DateTimeOffset _idleSwept;
    private DateTimeOffset? _idleDue;
    private DateTimeOffset? _armedFor;
    private int _releasing;
    private bool _disposed;

    public Room(RoomRecord record, RoomState state, Presence presence, IRoomLog log, RoomLimits limits, RoomServices services)
    {
        Record = record;
        Presence = presence;
        _log = log;
        _limits = limits;
        _time = services.Time;
        _logger = services.Logger;
        _services = services;
        _scheduler = services.Scheduler;
        _timerHealth = services.Health.Component("timers of rooms", isEssential: false);
        _queue = new FairQueue<QueuedCommand>(limits.QueuedCommands, limits.QueuedCommandsPerAgent);
        _onAppended = OnAppended;
        _pending = state;
        _published = state;

        // The log may have been written while the time was ahead of what it is now. The room's clock goes on from there.
        var behind = state.UpdatedAt - _time.UtcNowToMillisecond();
        _lead = behind > TimeSpan.Zero ? behind : TimeSpan.Zero;
        _idleSwept = Clock;
        _idleDue = presence.NextIdle(_idleSwept);
        Waits = new WaitRegistry(this);
        Feed = new RoomFeed(this);
        _timer = _time.CreateTimer(static room => ((Room)room!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_lock)
        {
            ArmNeedsLock();
        }
    }

    /// <summary>The catalogue's current record; replaced by the directory when membership or policy changes.</summary>
    public RoomRecord Record { get; set; }

    public Presence Presence { get; }

    public RoomLimits Limits => _limits;

    /// <summary>Where expressions are evaluated.</summary>
    public EvaluationScheduler Scheduler => _scheduler;

    public TimeProvider Time => _time;

    /// <summary>The room's clock, in whole milliseconds: it neither stands still nor runs backwards, whatever becomes of the time as people see it.</summary>
    public DateTimeOffset Clock => _time.UtcNowToMillisecond() + _lead;

    /// <summary>Told of agents that have ended, when their end is durable and before it is acknowledged; quick, any thread.</summary>
    public Action<Room, AgentBinding>? AgentGone { get; init; }

    /// <summary>Told when another writer has the room and this one is of no more use; any thread.</summary>
    public Action<Room>? Superseded { get; init; }

    /// <summary>Told of every change, of state or of presence, when readers can see it; quick, any thread.</summary>
    public Action<Room>? Changed { get; init; }

    /// <summary>Parked conditions.</summary>
    public WaitRegistry Waits { get; }

    /// <summary>Streams and pages.</summary>
    public RoomFeed Feed { get; }

    /// <summary>The state after the last durable event.</summary>
    public RoomState Published => Volatile.Read(ref _published);

    /// <summary>Events committed since the room was loaded; what a snapshot would save.</summary>
    public long BytesSinceSnapshot { get; private set; }

    public DateTimeOffset LastUsed { get; private set; }

    public Moment Now => MomentOf(Published);

    /// <summary>A state of the room, now.</summary>
    public Moment MomentOf(RoomState state) => new(state, Presence, Clock, Record) { Ahead = _time.Ahead + _lead };

    /// <summary>What one request may spend on expressions; whoever begins a request takes one.</summary>
    public CelBudget NewBudget() => new(_limits.Cel, _time);

    /// <summary>Whether the room is being let go of; a new load has to wait for <see cref="Released"/>.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed);

    /// <summary>Completes when everything the room still had under way is on disk and another load may begin.</summary>
    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the caller is to let go of the room: true once, also where an idle room is deleted or taken over meanwhile.</summary>
    public bool TryBeginRelease() => Interlocked.Exchange(ref _releasing, 1) == 0;

    /// <summary>Marks the room as in use, which keeps it loaded.</summary>
    public void Use() => LastUsed = _time.GetUtcNow();

    /// <summary>
    /// Takes in the request keys of before the room was loaded, oldest first.
    /// </summary>
    public void Load(IReadOnlyList<RequestRow> requests)
    {
        lock (_lock)
        {
            foreach (var request in requests)
            {
                _requests.Load(request);
            }
        }
    }

    /// <summary>The event of the first call of a request key, for a decision: it is made on top of everything accepted.</summary>
    public long? FindRequest(string key, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _requests.Find(key, now);
        }
    }

    /// <summary>Who has how many request keys that count.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> RequestHolders()
    {
        lock (_lock)
        {
            return [.. _requests.Holders];
        }
    }

    /// <summary>How many request keys one has that still count, and how many all have together.</summary>
    public (int Own, int All) RequestUse(string? holder, DateTimeOffset now)
    {
        lock (_lock)
        {
            return (_requests.Of(holder ?? "", now), _requests.Count);
        }
    }

    /// <summary>When so many request keys are over, of all or of some holders; null when there are not so many.</summary>
    public DateTimeOffset? RequestsOver(long count, Func<string, bool>? isOne)
    {
        lock (_lock)
        {
            return isOne is null ? _requests.Over(count) : _requests.Over(count, isOne);
        }
    }

    /// <summary>Passes on that there is something to see: see <see cref="Changed"/>.</summary>
    internal void Stir() => Notify(static (room, _) => room.Changed?.Invoke(room), 0);

    /// <summary>Tells waits and feeds of a change that is no event.</summary>
    public void Notify(params IReadOnlyList<StateKey> changed)
    {
        lock (_lock)
        {
            // Whoever has become active falls idle some day, without any command.
            ArmNeedsLock();
        }

        Waits.Publish(new RoomStep(Published, Event: null, changed));
        Feed.Publish(null);
    }

    /// <summary>Has pages show what the catalogue says of the room by now; and what definitions may do hangs on their registrants' roles.</summary>
    public void RecordChanged()
    {
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

    /// <summary>Logs what refusals are still counted and stops the room; later commands are refused.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var (refusal, count) in _disposed || _isSuperseded ? [] : _refusals.Take(_pending.UpdatedAt, all: true))
            {
                AppendRefusalNeedsLock(refusal, count, NowNeedsLock(), isReserved: false);
            }

            Volatile.Write(ref _disposed, true);
        }

        Send();
        _timer.Dispose();
        Waits.Close();
        Feed.Close();
    }

    // Events are in order of time too, to the millisecond.
    private DateTimeOffset NowNeedsLock()
    {
        var now = Clock;
        return now < _pending.UpdatedAt ? _pending.UpdatedAt : now;
    }

    private void AppendNeedsLock(PendingEvent pending)
    {
        var e = pending.Event;
        _pending = pending.After;
        _queued.Add(pending);
        if (e.Kind != EventKind.Refused)
        {
            _lastChange = pending;
        }

        if (e.Changes.Any(c => c.Timer is { } timer && _swept.HasPassed(timer)))
        {
            // A timer set for the past: the sweep has gone by already and must look again.
            _swept = Clocks.Start;
        }

        _requests.Add(e);
    }

    private void AppendRefusalNeedsLock(RefusalEntry refusal, int count, DateTimeOffset now, bool isReserved)
    {
        var e = new RoomEvent
        {
            Seq = _pending.Seq + 1,
            At = now,
            Kind = EventKind.Refused,
            Agent = refusal.Agent,
            Action = refusal.Action,
            Params = refusal.Params,
            Error = refusal.Code,
            Message = refusal.Message,
            Count = count,
        };
        AppendNeedsLock(PendingEvent.Of(e, _pending.Apply(e), isReserved));
    }
}

/// <summary>A command that was carried out. Data.</summary>
/// <param name="Answer">Its answer.</param>
/// <param name="Seq">Its event, or 0 when it wrote none.</param>
internal readonly record struct Committed(Primitives.Json.JsonText Answer, long Seq)
{
    /// <inheritdoc cref="Decision.Self"/>
    public string? Self { get; init; }

    /// <inheritdoc cref="Decision.Agent"/>
    public AgentBinding? Agent { get; init; }

    /// <inheritdoc cref="Decision.IsNew"/>
    public bool IsNew { get; init; }

    /// <inheritdoc cref="Decision.FirstSeq"/>
    public long FirstSeq { get; init; }
}
