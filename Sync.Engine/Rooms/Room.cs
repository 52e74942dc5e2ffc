using Microsoft.Extensions.Logging;
using Sync.Cel;
using Sync.Engine.Agents;
using Sync.Engine.Expressions;
using Sync.Engine.Live;
using Sync.Engine.Persistence;
using Sync.Engine.Timers;
using Sync.Engine.Waits;

namespace Sync.Engine.Rooms;

/// <summary>
/// A loaded room: an event-sourced state machine with one writer.
/// <list type="bullet">
/// <item><see cref="Published"/> is what readers see: the state after the last durable event. It is replaced with one volatile write and never locked.</item>
/// <item><c>_pending</c> is what the next command builds on: published plus the events that are on their way to disk. Only touched under <c>_gate</c>.</item>
/// <item>A command is decided under <c>_gate</c> and its event handed to the log in the same critical section, so log order is seq order. No I/O, await or callback happens there.</item>
/// <item>The log's thread reports durability in order; then the state is published, waits and feeds are told, and only then the caller is answered.</item>
/// <item>When the log fails, everything after the last durable event is undone: pending falls back to published, the epoch moves on, and every caller of an undone event gets <c>unavailable</c>.</item>
/// </list>
/// </summary>
internal sealed partial class Room : ILogSink, IDisposable
{
    private readonly Lock _gate = new();
    private readonly EventLog _log;
    private readonly LogStream _stream;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RoomLimits _limits;
    private readonly ITimer _timer;
    private readonly Queue<PendingEvent> _inFlight = new();
    private readonly RefusalFold _refusals = new();
    private readonly RecentRequests _requests = new();
    private RoomState _pending;
    private RoomState _published;
    private int _epoch;
    private DateTimeOffset _swept;
    private DateTimeOffset _idleSwept;
    private DateTimeOffset? _idleDue;
    private DateTimeOffset? _armedFor;
    private bool _disposed;

    public Room(RoomRecord record, RoomState state, Presence presence, EventLog log, RoomLimits limits, TimeProvider time, ILogger logger)
    {
        Record = record;
        Presence = presence;
        _log = log;
        _limits = limits;
        _time = time;
        _logger = logger;
        _stream = new LogStream(record.Row, this);
        _pending = state;
        _published = state;
        _swept = DateTimeOffset.MinValue;
        _idleSwept = time.Milliseconds();
        _idleDue = presence.NextIdle(_idleSwept);
        Waits = new WaitRegistry(this);
        Feed = new RoomFeed(this);
        _timer = time.CreateTimer(static room => ((Room)room!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            ArmNeedsLock();
        }
    }

    /// <summary>The catalogue's current record; replaced by the directory when membership or policy changes.</summary>
    public RoomRecord Record { get; set; }

    public Presence Presence { get; }

    public RoomLimits Limits => _limits;

    public TimeProvider Time => _time;

    /// <summary>Told that access to the room may have changed; quick, any thread.</summary>
    public Action<Room>? AccessReview { get; init; }

    /// <summary>Told of agents that have ended, when their end is durable and before it is acknowledged; quick, any thread.</summary>
    public Action<Room, AgentBinding>? AgentGone { get; init; }

    /// <summary>Told of every change, of state or of presence, when readers can see it; quick, any thread.</summary>
    public Action<Room>? Stirred { get; init; }

    /// <summary>Parked conditions.</summary>
    public WaitRegistry Waits { get; }

    /// <summary>Streams and pages.</summary>
    public RoomFeed Feed { get; }

    /// <summary>The state after the last durable event.</summary>
    public RoomState Published => Volatile.Read(ref _published);

    /// <summary>Events committed since the room was loaded; what a snapshot would save.</summary>
    public long BytesSinceSnapshot { get; private set; }

    public DateTimeOffset LastUsed { get; private set; }

    public Moment Now => new(Published, Presence, _time.Milliseconds(), Record);

    /// <summary>What one request may spend on expressions; whoever begins a request takes one.</summary>
    public CelBudget NewBudget() => new(_limits.Cel, _time);

    /// <summary>Whether the room is being let go of; a new load has to wait for <see cref="Released"/>.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed);

    /// <summary>Completes when everything the room still had under way is on disk and another load may begin.</summary>
    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Marks the room as in use, which keeps it loaded.</summary>
    public void Use() => LastUsed = _time.GetUtcNow();

    /// <summary>
    /// Runs a command: decides on top of everything accepted so far, and answers when what it decided is on disk. The decision must be pure and quick;
    /// it runs under the room's lock.
    /// </summary>
    public async Task<Outcome<Committed>> ExecuteAsync(Func<Moment, Decision> decide, CancellationToken cancellationToken)
    {
        Use();
        if (!await _log.AdmitAsync(cancellationToken).ConfigureAwait(false))
        {
            return Unavailable;
        }

        Decision decision;
        PendingEvent? pending = null;
        var appended = false;
        try
        {
            lock (_gate)
            {
                if (_disposed)
                {
                    return Unavailable;
                }

                var now = NowNeedsLock();
                decision = decide(new Moment(_pending, Presence, now, Record));
                if (decision.Event is { } e)
                {
                    pending = new PendingEvent(e, decision.After!);
                    AppendNeedsLock(pending, admitted: true);
                    appended = true;
                }
                else if (decision.Logged is { } refusal && _refusals.Admit(refusal, now))
                {
                    AppendRefusalNeedsLock(refusal, count: 1, now, admitted: true);
                    appended = true;
                }

                ArmNeedsLock();
            }
        }
        finally
        {
            if (!appended)
            {
                _log.Forgo();
            }
        }

        if (decision.Refusal is { } refused)
        {
            // A refusal rests on state that may not be on disk yet, but it acknowledges nothing: its answer need not wait.
            return refused;
        }

        if (pending is not null && await pending.Done.Task.ConfigureAwait(false) is { } failed)
        {
            return failed;
        }

        return new Committed(decision.Answer, pending?.Event.Seq ?? 0, decision.Replayed);
    }

    /// <summary>
    /// The event a retry refers to, if it was accepted since the room was loaded. Waits until it is durable: a retry must not be answered with what
    /// could still be undone.
    /// </summary>
    public async Task<PendingEvent?> FindRecentRequestAsync(string key)
    {
        PendingEvent? found;
        lock (_gate)
        {
            found = _requests.Find(key);
        }

        return found is not null && await found.Done.Task.ConfigureAwait(false) is null ? found : null;
    }

    /// <summary>The same without waiting, for the decision itself: under the lock, on top of everything accepted.</summary>
    public PendingEvent? FindRequestNeedsLock(string key) => _requests.Find(key);

    /// <summary>Tells waits and feeds of a change that is no event.</summary>
    public void Notify(params IReadOnlyList<StateKey> changed)
    {
        lock (_gate)
        {
            // Whoever has become active falls idle some day, without any command.
            ArmNeedsLock();
        }

        Waits.Publish(new RoomStep(Published, Event: null, changed));
        Feed.Publish(null);
    }

    /// <summary>Asks everything that hangs on the room whether it still may.</summary>
    public void AccessChanged()
    {
        AccessReview?.Invoke(this);
        Waits.RecheckAccess();

        // What definitions may do hangs on their registrants' roles.
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

        if (Presence.Touch(agent, _time.Milliseconds()))
        {
            Notify(new StateKey(Names.Agents, agent));
        }
    }

    /// <summary>Logs what refusals are still counted and stops the room; later commands are refused.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (refusal, count) in _disposed ? [] : _refusals.Take(_pending.UpdatedAt, all: true))
            {
                AppendRefusalNeedsLock(refusal, count, NowNeedsLock(), admitted: false);
            }

            Volatile.Write(ref _disposed, true);
        }

        _timer.Dispose();
        Waits.Close();
        Feed.Close();
    }

    private static SyncError Unavailable { get; } = new(ErrorCode.Unavailable, "The server cannot store anything at the moment.")
    {
        Hint = "Nothing was changed. Retry in a moment, with the same request_id.",
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    // Time never runs backwards within a room, whatever the wall clock does: events are in order of time too.
    private DateTimeOffset NowNeedsLock()
    {
        var now = _time.Milliseconds();
        return now < _pending.UpdatedAt ? _pending.UpdatedAt : now;
    }

    private void AppendNeedsLock(PendingEvent pending, bool admitted)
    {
        var e = pending.Event;
        _pending = pending.After;
        _inFlight.Enqueue(pending);
        if (e.Changes.Any(c => c.Timer?.At <= _swept))
        {
            // A timer set for the past: the sweep has gone by already and must look again.
            _swept = DateTimeOffset.MinValue;
        }

        if (e.RequestKey is not null)
        {
            _requests.Add(e.RequestKey, pending);
        }

        _log.Append(new LogAppend
        {
            Stream = _stream,
            Epoch = _epoch,
            Admitted = admitted,
            Seq = e.Seq,
            At = e.At,
            Kind = RoomEventJson.Name(e.Kind),
            Agent = e.Agent,
            Action = e.Action,
            Ok = e.Ok,
            RequestKey = e.RequestKey,
            Body = RoomEventJson.Write(e).Memory,
            Indexed = IndexedKeys(e),
        });
    }

    private void AppendRefusalNeedsLock(RefusalEntry refusal, int count, DateTimeOffset now, bool admitted)
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
        AppendNeedsLock(new PendingEvent(e, _pending.Apply(e)), admitted);
    }

    // Messages leave memory and deletions leave no entry to start a history from; every other write is found by its chain.
    private static System.Collections.Immutable.ImmutableArray<(string Scope, string Key)> IndexedKeys(RoomEvent e)
    {
        if (e.Changes.IsEmpty || !e.Changes.Any(NeedsIndex))
        {
            return [];
        }

        return [.. e.Changes.Where(NeedsIndex).Select(c => (c.Scope, c.Key))];

        static bool NeedsIndex(EntryChange change) => change.Kind == ChangeKind.Delete || change.Scope == Names.Messages;
    }
}

/// <summary>A command that was carried out.</summary>
/// <param name="Answer">Its answer.</param>
/// <param name="Seq">Its event, or 0 when it wrote none.</param>
/// <param name="Replayed">Whether an earlier answer is given again.</param>
internal readonly record struct Committed(Json.JsonText Answer, long Seq, bool Replayed);
