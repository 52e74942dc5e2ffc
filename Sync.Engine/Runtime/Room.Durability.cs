using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Runtime;

/// <summary>The log's side of a room: publication, failure, timers.</summary>
internal sealed partial class Room
{
    private const long SnapshotFloor = 1_000;

    private static readonly TimeSpan s_retryTimers = TimeSpan.FromSeconds(1);

    // What waits for the log, and what it has been given. Guarded by _lock; the list that was sent changes only when its append is answered.
    private List<PendingEvent> _queued = [];
    private List<PendingEvent> _sending = [];
    private bool _isSending;
    private bool _isSuperseded;

    // For whoever sends.
    private long? _epoch;
    private ConfiguredValueTaskAwaitable<AppendResult>.ConfiguredValueTaskAwaiter _append;

    private long _eventsSinceSnapshot;
    private long _snapshotBytes;

    /// <summary>Called when enough has been logged since the last snapshot that loading would notice. Set by the directory.</summary>
    public Action<Room>? SnapshotDue { get; set; }

    /// <summary>Sends what waits for the log, unless an append is on its way: then it goes with the next one.</summary>
    private void Send()
    {
        lock (_lock)
        {
            if (_isSending || _queued.Count == 0)
            {
                return;
            }

            _isSending = true;
        }

        SendNext();
    }

    // For whoever has set _isSending; it goes on on the log's thread until nothing waits.
    private void SendNext()
    {
        while (true)
        {
            if (_epoch is not { } epoch)
            {
                _ = AcquireAsync();
                return;
            }

            lock (_lock)
            {
                if (_queued.Count == 0)
                {
                    _isSending = false;
                    return;
                }

                (_sending, _queued) = (_queued, _sending);
            }

            _append = _log.AppendAsync(Record.Row, epoch, _sending[0].Event.Seq - 1, _sending).ConfigureAwait(false).GetAwaiter();
            if (!_append.IsCompleted)
            {
                _append.UnsafeOnCompleted(_onAppended);
                return;
            }

            Settle(Result());
        }
    }

    private void OnAppended()
    {
        Settle(Result());
        SendNext();
    }

    // An append that throws has failed: left at that, the room would send nothing any more.
    private AppendResult Result()
    {
        try
        {
            return _append.GetResult();
        }
        catch (Exception failure)
        {
            return new AppendResult(AppendStatus.Failed, failure);
        }
    }

    private async Task AcquireAsync()
    {
        var answer = new AppendResult(AppendStatus.Fenced);
        try
        {
            if (await _log.AcquireAsync(Record.Row, CancellationToken.None).ConfigureAwait(false) is { } position)
            {
                // Somebody else may have written since the room was read: then it is an old one.
                var isCurrent = position.Seq == Published.Seq;
                _epoch = isCurrent ? position.Epoch : null;
                answer = new AppendResult(isCurrent ? AppendStatus.Committed : AppendStatus.Conflict);
            }
        }
        catch (Exception failure)
        {
            // Whatever it was, the commands that wait hear of it.
            answer = new AppendResult(AppendStatus.Failed, failure);
        }

        if (answer.Status != AppendStatus.Committed)
        {
            Settle(answer);
            lock (_lock)
            {
                if (_queued.Count == 0)
                {
                    _isSending = false;
                    return;
                }
            }
        }

        SendNext();
    }

    private void Settle(AppendResult result)
    {
        try
        {
            if (result.Status == AppendStatus.Committed)
            {
                OnCommitted();
            }
            else
            {
                OnLost(result);
            }
        }
        catch (Exception bug)
        {
            // On the log's thread, and the room's next append hangs on it.
            LogSettleFailed(_logger, bug, Record.Id);
        }
    }

    private void OnCommitted()
    {
        var last = _sending[^1].Event.Seq;
        PendingEvent[] done;
        bool snapshot;
        object standing;
        lock (_lock)
        {
            standing = _published.StandingStamp;
            done = [.. _sending];
            _sending.Clear();
            Volatile.Write(ref _published, done[^1].After);
            if (_lastChange?.Event.Seq <= last)
            {
                _lastChange = null;
            }

            foreach (var pending in done)
            {
                BytesSinceSnapshot += pending.Body.Length;
            }

            _eventsSinceSnapshot += done.Length;

            // In proportion to the snapshot's own size, so that writing snapshots never costs more than writing the log.
            snapshot = _eventsSinceSnapshot >= SnapshotFloor && BytesSinceSnapshot >= _snapshotBytes;
        }

        _log.Release(Reserved(done));
        foreach (var pending in done)
        {
            Notify(static (room, pending) => room.TurnOver(pending), pending);
        }

        // Every step is told in order, also those that one transaction brought to disk together: a wait never misses a state.
        foreach (var pending in done)
        {
            var isNew = !ReferenceEquals(standing, pending.After.StandingStamp);
            standing = pending.After.StandingStamp;
            Notify(static (room, t) => room.Waits.Publish(new RoomStep(t.pending.After, t.pending.Event, Changes(t.pending.Event, t.isNew))), (pending, isNew));
        }

        Notify(static (room, done) => room.Feed.Publish(done), done);
        foreach (var pending in done)
        {
            pending.Done.TrySetResult(null);
        }

        if (snapshot)
        {
            Notify(static (room, _) => room.SnapshotDue?.Invoke(room), 0);
        }
    }

    /// <summary>Tells whoever listens to the room. What they make of it is theirs: it keeps neither the others from hearing of it nor a caller from its answer.</summary>
    private void Notify<T>(Action<Room, T> tell, T what)
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

    // Everything after the last durable event is undone: what was sent, and what was decided on it.
    private void OnLost(AppendResult result)
    {
        var isSuperseded = result.Status != AppendStatus.Failed;
        PendingEvent[] undone = [];
        try
        {
            lock (_lock)
            {
                undone = [.. _sending, .. _queued];
                _sending.Clear();
                _queued.Clear();
                _lastChange = null;
                _pending = _published;
                _isSuperseded |= isSuperseded;
                foreach (var pending in undone)
                {
                    if (pending.Event.RequestKey is { } key)
                    {
                        _requests.Remove(key);
                    }
                }

                // Timers whose events are among the undone ones have not fired; they are tried again, but not as fast as a broken disk answers.
                _swept = Clocks.Start;
                ArmNeedsLock(atEarliest: Clock + s_retryTimers);
            }
        }
        finally
        {
            // Whatever else fails, nobody waits for what will never be durable.
            _log.Release(Reserved(undone));
            foreach (var pending in undone)
            {
                pending.Done.TrySetResult(Unavailable);
            }
        }

        if (isSuperseded)
        {
            LogSuperseded(_logger, Record.Id, undone.Length);
            Superseded?.Invoke(this);
        }
        else
        {
            LogLost(_logger, result.Cause, Record.Id, undone.Length);
        }
    }

    private static int Reserved(PendingEvent[] events)
    {
        var reserved = 0;
        foreach (var pending in events)
        {
            reserved += pending.IsReserved ? 1 : 0;
        }

        return reserved;
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

    /// <summary>Whether nobody has used the room for so long and nothing hangs on it.</summary>
    public bool IsIdle(TimeSpan span) =>
        Waits.Count == 0 && Feed.Subscribers == 0 && _time.GetUtcNow() - LastUsed >= span && Published.Timers.NextAfter(_swept, TimeSpan.Zero) is null;

    /// <summary>Completes when everything accepted by now is on disk or undone.</summary>
    public async Task DrainedAsync()
    {
        // Behind whatever stands in line; a closed room answers at once.
        await ExecuteAsync(new DrainCommand(), CancellationToken.None).ConfigureAwait(false);
        PendingEvent[] waiting;
        lock (_lock)
        {
            waiting = [.. _sending, .. _queued];
        }

        foreach (var pending in waiting)
        {
            await pending.Done.Task.ConfigureAwait(false);
        }
    }

    // An agent that ends, or begins under the id of one that has ended, has none of the presence and the cursor that were kept under the id.
    private void TurnOver(PendingEvent pending)
    {
        foreach (var change in pending.Event.Changes)
        {
            if (change.Scope != ReservedScopes.Agents)
            {
                continue;
            }

            if (change.Kind == ChangeKind.Delete)
            {
                Presence.Forget(change.Key);
                Waits.EndOf(change.Key);
                if (pending.After.Removed.TryGetValue(change.Key, out var removed))
                {
                    AgentGone?.Invoke(this, new AgentBinding(removed.Id, removed.Since));
                }
            }
            else if (pending.After.Agents.TryGetValue(change.Key, out var agent) && agent.Since == pending.Event.Seq)
            {
                Presence.Forget(change.Key);
            }
        }
    }

    private static List<StateKey> Changes(RoomEvent e, bool isNewStanding)
    {
        var changes = new List<StateKey>(e.Changes.Length + 2);
        foreach (var change in e.Changes)
        {
            changes.Add(new StateKey(change.Scope, change.Key));
        }

        // An invocation moves the action's own figures: use count and cooldown.
        if (e is { Kind: EventKind.Invoked, Action: { } action } && !action.StartsWith('_'))
        {
            changes.Add(new StateKey(ReservedScopes.Actions, action));
        }

        if (isNewStanding)
        {
            changes.Add(StateKey.Standing);
        }

        return changes;
    }

    // On the timer's thread, unless somebody decides just then: then they do it next.
    private void OnTimer()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (_isOwned)
            {
                _timersDue = true;
                return;
            }

            _isOwned = true;
        }

        RunTimersNeedsOwner();
        Disown();
    }

    // Must not throw: on a timer's thread that would end the process, in the drain it would leave the room without an owner for ever.
    private void RunTimersNeedsOwner()
    {
        try
        {
            FireNeedsOwner();
            _timerHealth.Succeeded();
        }
        catch (Exception failure)
        {
            _timerHealth.Failed();
            LogTimersFailed(_logger, failure, Record.Id);
            lock (_lock)
            {
                // The room's timers are still to fire. When the next one is due is not looked up: what failed may be that very look-up.
                _armedFor = Clock + s_retryTimers;
                _timer.Change(s_retryTimers, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // Timers on entries fire by an event; a cooldown's end changes no entry, it only has to be told.
    private void FireNeedsOwner()
    {
        RoomState state;
        DateTimeOffset now;
        Clocks swept;
        DateTimeOffset idleSwept;
        lock (_lock)
        {
            _timersDue = false;
            (state, now, swept, idleSwept) = (_pending, NowNeedsLock(), _swept, _idleSwept);
        }

        var reached = new Clocks(now, now - _time.Ahead - _lead);
        var told = new List<StateKey>();
        var changes = new List<EntryChange>();
        var ended = new List<AgentRecord>();
        foreach (var target in state.Timers.Due(swept, reached))
        {
            if (target.Cooldown)
            {
                told.Add(new StateKey(ReservedScopes.Actions, target.Key));
                continue;
            }

            var entry = state.Find(target.Scope, target.Key)!;
            if (target.Scope == ReservedScopes.Agents && entry.Timer!.Effect == TimerEffect.Delete)
            {
                ended.Add(state.Agents[target.Key]);
                continue;
            }

            changes.Add(new EntryChange
            {
                Kind = entry.Timer!.Effect == TimerEffect.Delete ? ChangeKind.Delete : ChangeKind.Timer,
                Scope = target.Scope,
                Key = target.Key,
                Fired = true,
                PreviousSeq = entry.Seq,
                PreviousVersion = entry.CheapVersion,
            });
        }

        AgentRemoval.AddTo(changes, state, ended);
        PendingEvent? fired = null;
        if (changes.Count > 0)
        {
            var e = new RoomEvent { Seq = state.Seq + 1, At = now, Kind = EventKind.TimerFired, Changes = [.. changes] };
            fired = PendingEvent.Of(e, state.Apply(e), isReserved: false);
        }

        told.AddRange(Presence.FellIdle(idleSwept, now).Select(static agent => new StateKey(ReservedScopes.Agents, agent)));
        var idleDue = Presence.NextIdle(now);
        lock (_lock)
        {
            if (_disposed || _isSuperseded || !ReferenceEquals(_pending, state))
            {
                // The room is closed, or what this rests on was undone: that has set the timer anew.
                return;
            }

            if (_swept == swept)
            {
                // Unless the time has leapt meanwhile, and all is to be swept again.
                _swept = reached;
            }

            if (fired is not null)
            {
                AppendNeedsLock(fired);
            }

            foreach (var (refusal, count) in _refusals.Take(now))
            {
                AppendRefusalNeedsLock(refusal, count, now, isReserved: false);
            }

            _idleSwept = now;
            _idleDue = idleDue;
            _armedFor = null;
            ArmNeedsLock();
        }

        Send();
        if (told.Count > 0)
        {
            Notify(told);
        }
    }

    /// <summary>The time as people see it has leapt: timers that wait for moments of it are aimed anew.</summary>
    public void ClockLeapt()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            // Set back, it comes again to moments that the sweep had passed; what has fired is gone from the index.
            _swept = _swept with { Wall = DateTimeOffset.MinValue };
            _armedFor = null;
            ArmNeedsLock();
        }
    }

    private void ArmNeedsLock(DateTimeOffset? atEarliest = null)
    {
        if (_disposed || _isSuperseded)
        {
            return;
        }

        // Whoever acts now falls idle no sooner than in a full span; the exact next one is looked up when the timer fires, not at each command.
        var now = Clock;
        _idleDue ??= now + AgentPresence.IdleAfter;
        var due = Earliest(Earliest(_pending.Timers.NextAfter(_swept, _time.Ahead + _lead), _refusals.NextDue), _idleDue);
        if (due < atEarliest)
        {
            due = atEarliest;
        }

        if (due == _armedFor)
        {
            return;
        }

        _armedFor = due;
        _timer.Change(
            due is not { } at ? Timeout.InfiniteTimeSpan : at <= now ? TimeSpan.FromMilliseconds(1) : Limit(at - now),
            Timeout.InfiniteTimeSpan);

        static TimeSpan Limit(TimeSpan wait) => wait > TimeSpan.FromDays(20) ? TimeSpan.FromDays(20) : wait + TimeSpan.FromMilliseconds(1);

        static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a is null ? b : b is null || a < b ? a : b;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Room {Room}: its timers could not be run.")]
    private static partial void LogTimersFailed(ILogger logger, Exception failure, string room);

    [LoggerMessage(Level = LogLevel.Error, Message = "Room {Room}: a listener to its events threw.")]
    private static partial void LogListenerThrew(ILogger logger, Exception bug, string room);

    [LoggerMessage(Level = LogLevel.Error, Message = "Room {Room}: {Count} events could not be stored and were undone.")]
    private static partial void LogLost(ILogger logger, Exception? cause, string room, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Room {Room}: another writer has taken it over; {Count} events were undone and the room is let go of.")]
    private static partial void LogSuperseded(ILogger logger, string room, int count);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Room {Room} failed when it was told what has become of its events.")]
    private static partial void LogSettleFailed(ILogger logger, Exception bug, string room);
}
