using Microsoft.Extensions.Logging;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Runtime.Lines;
using Sync.Engine.Runtime.Scheduling;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Runtime;

/// <summary>
/// The writer of a room: an event-sourced state machine.
/// <list type="bullet">
/// <item><c>_pending</c> is what the next command builds on: what the replica shows plus the events that are on their way to disk. Commands are decided on it one at a time, by the owner of the
/// queue (RoomWriter.Queue.cs), outside of any lock; it is replaced under <c>_lock</c>, where its event is put behind those before, so log order is seq order.</item>
/// <item><c>_lock</c> guards every field that changes and is held for a few instructions: no I/O, await, callback or evaluation happens there, so the log's thread never waits for a decision.</item>
/// <item>One append of the room is on its way at a time; what is decided meanwhile goes with the next one (RoomWriter.Append.cs). When the log has it, the replica takes the events in, and only
/// then the callers are answered.</item>
/// <item>An answer of any kind is released when the events it was decided on are durable. When the log fails, everything after the last durable event is undone: pending falls back to what the
/// replica shows, and whoever waits for an undone event, or decided on one, gets <c>unavailable</c>.</item>
/// <item>A refused command whose caller is willing to wait stands in line (RoomWriter.Lines.cs) and is decided anew, by the owner of the queue, when it may succeed.</item>
/// <item>The writer acquires its epoch with its first append, so that reading a room writes nothing; if the log has gone on since the room was read, the replica follows it first. Once another
/// writer has acquired a newer epoch, this one writes nothing more, never acquires again, and is to be let go of.</item>
/// </list>
/// </summary>
internal sealed partial class RoomWriter : IRoomWriter, IRequestIndex, IDisposable
{
    private readonly Lock _lock = new();
    private readonly RoomReplica _replica;
    private readonly IRoomLog _log;
    private readonly SteadyClock _time;
    private readonly ILogger _logger;
    private readonly RoomServices _services;
    private readonly HealthComponent _timerHealth;
    private readonly ITimer _timer;
    private readonly Action _onAppended;
    private readonly RefusalCoalescer _refusals = new();
    private readonly RequestKeys _requests = new();
    private RoomState _pending;

    // The newest event in flight that changes the room: what a decision made now rests on. Refusals change nothing.
    private PendingEvent? _lastChange;
    private bool _disposed;

    public RoomWriter(RoomReplica replica, IRoomLog log, RoomServices services)
    {
        _replica = replica;
        _log = log;
        _time = services.Time;
        _logger = services.Logger;
        _services = services;
        _timerHealth = services.Health.Component("timers of rooms", isEssential: false);
        _queue = new FairQueue<QueuedCommand>(replica.Limits.QueuedCommands, replica.Limits.QueuedCommandsPerAgent);
        _lines = new LineRegistry(replica.Limits.Cel, _time);
        _onAppended = OnAppended;
        _pending = replica.Published;
        _idleSwept = replica.Clock;
        _idleDue = replica.Presence.NextIdle(_idleSwept);
        _due = Deadlines.Next(_pending, replica.Presence);
        _timer = _time.CreateTimer(static writer => ((RoomWriter)writer!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        replica.Noticed = OnNoticed;
        lock (_lock)
        {
            ArmNeedsLock();
        }
    }

    /// <summary>Told when another writer has the room and this one is of no more use; any thread.</summary>
    public Action? Superseded { get; init; }

    /// <summary>Has the replica follow the log to its end, where another writer has written since the room was read. Answers with the request keys that came with it, oldest first.</summary>
    public Func<Task<IReadOnlyList<RequestRow>>>? CatchUpAsync { get; init; }

    internal static SyncError Unavailable { get; } = new(ErrorCode.Unavailable, "The server cannot store anything at the moment.")
    {
        Hint = "Nothing was changed. Retry in a moment, with the same request_id.",
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>Takes in the request keys of before the room was loaded, oldest first.</summary>
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

    public long? FindRequest(string key, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _requests.Find(key, now);
        }
    }

    public string? FindParked(string key)
    {
        lock (_lock)
        {
            return _lines.Find(key)?.RequestHash;
        }
    }

    public Obstacle? FindObstacle(long arrival)
    {
        lock (_lock)
        {
            return _lines.Find(arrival)?.Obstacle;
        }
    }

    public string? FindAhead(WantedLease wanted, long arrival)
    {
        if (_lines.Count == 0)
        {
            return null;
        }

        lock (_lock)
        {
            return _lines.Ahead(wanted, arrival == 0 ? long.MaxValue : arrival) is { } call ? call.Self ?? "" : null;
        }
    }

    public IReadOnlyList<KeyValuePair<string, int>> RequestHolders()
    {
        lock (_lock)
        {
            return [.. _requests.Holders];
        }
    }

    public (int Own, int All) RequestUse(string? holder, DateTimeOffset now)
    {
        lock (_lock)
        {
            return (_requests.Of(holder ?? "", now), _requests.Count);
        }
    }

    public DateTimeOffset? RequestsOver(long count, Func<string, bool>? isOne)
    {
        lock (_lock)
        {
            return isOne is null ? _requests.Over(count) : _requests.Over(count, isOne);
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
            EndLinesNeedsLock();
        }

        Send();
        _timer.Dispose();
    }

    // Events are in order of time too, to the millisecond.
    private DateTimeOffset NowNeedsLock()
    {
        var now = _replica.Clock;
        return now < _pending.UpdatedAt ? _pending.UpdatedAt : now;
    }

    private void AppendNeedsLock(PendingEvent pending)
    {
        var (e, before) = (pending.Event, _pending);
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

        foreach (var change in e.Changes)
        {
            _due = Deadlines.Of(pending.After, change) is { } end && !(_due <= end) ? end : _due;
        }

        _requests.Add(e);
        TellLinesNeedsLock(pending, before);
    }

    private void AppendRefusalNeedsLock(RefusalEntry refusal, int count, DateTimeOffset now, bool isReserved)
    {
        var e = new RoomEvent
        {
            Seq = _pending.Seq + 1,
            At = now,
            Kind = EventKind.Refused,
            Agent = refusal.Agent,
            By = refusal.By,
            Action = refusal.Action,
            Params = refusal.Params,
            Error = refusal.Code,
            Message = refusal.Message,
            Count = count,
            Because = refusal.Because,
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

    /// <inheritdoc cref="Decision.Approval"/>
    public string? Approval { get; init; }

    /// <inheritdoc cref="Decision.FirstSeq"/>
    public long FirstSeq { get; init; }
}
