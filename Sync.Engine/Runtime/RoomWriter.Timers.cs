using Microsoft.Extensions.Logging;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Runtime;

/// <content>Timers: those of entries fire by an event, the end of a cooldown and of activity is told. They run as the owner of the queue, between commands.</content>
internal sealed partial class RoomWriter
{
    private static readonly TimeSpan s_retryTimers = TimeSpan.FromSeconds(1);

    private Clocks _swept = Clocks.Start;
    private DateTimeOffset _idleSwept;
    private DateTimeOffset? _idleDue;
    private DateTimeOffset? _armedFor;

    // The first moment of running time at which something may be due that ends by itself; see Deadlines. Signs of life make it later, and that is found when it is reached.
    private DateTimeOffset? _due;

    /// <summary>Whether a timer of the room is still to fire.</summary>
    public bool AwaitsTimers
    {
        get
        {
            lock (_lock)
            {
                return _replica.Published.Timers.NextAfter(_swept, TimeSpan.Zero) is not null || (_due is not null && _pending.Running.StoppedAt is null);
            }
        }
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
            EndDueNeedsOwner();
            FireNeedsOwner();
            _timerHealth.Succeeded();
        }
        catch (Exception failure)
        {
            _timerHealth.Failed();
            LogTimersFailed(_logger, failure, _replica.Record.Id);
            lock (_lock)
            {
                // The room's timers are still to fire. When the next one is due is not looked up: what failed may be that very look-up.
                _armedFor = _replica.Clock + s_retryTimers;
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

        var reached = new Clocks(now, now - _replica.Ahead);
        var told = new List<StateKey>();
        var fired = FiredOf(state, now, swept, reached, told);
        told.AddRange(_replica.Presence.FellIdle(idleSwept, now).Select(static agent => new StateKey(ReservedScopes.Agents, agent)));
        var idleDue = _replica.Presence.NextIdle(now);
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

            _lines.Ring(now);
            (_idleSwept, _idleDue, _armedFor) = (now, idleDue, null);
            ArmNeedsLock();
        }

        Send();
        if (told.Count > 0)
        {
            _replica.Notify(told);
        }
    }

    private PendingEvent? FiredOf(RoomState state, DateTimeOffset now, Clocks swept, Clocks reached, List<StateKey> told)
    {
        var ended = new List<AgentRecord>();
        var changes = ChangesOf(state, swept, reached, told, ended);
        if (changes.Count == 0)
        {
            return null;
        }

        var e = new RoomEvent { Seq = state.Seq + 1, At = now, Kind = EventKind.TimerFired, Changes = [.. changes] };
        var (whole, after) = Lapses.Follow(_replica.MomentOf(state, now), e, state.Apply(e), LeaseChanges.Of(state, ended.Select(static agent => agent.Id)), _replica.Limits);
        return PendingEvent.Of(whole, after, isReserved: false);
    }

    /// <summary>Ends what is due of what ends by itself, until nothing is: no decision meets it then.</summary>
    private void EndDueNeedsOwner()
    {
        var ended = true;
        while (ended && TryDraft(out var draft) && draft.IsDue)
        {
            var taken = DueEnds.Take(draft.Moment, _replica.Limits);
            var pending = taken is { } due ? PendingEvent.Of(due.Event, due.After, isReserved: false) : null;
            var next = Deadlines.Next(pending?.After ?? draft.Moment.State, _replica.Presence);
            lock (_lock)
            {
                if (_disposed || _isSuperseded || !ReferenceEquals(_pending, draft.Moment.State))
                {
                    // As with timers.
                    return;
                }

                if (pending is not null)
                {
                    AppendNeedsLock(pending);
                }

                _due = next;
                ArmNeedsLock();
            }

            ended = pending is not null;
        }

        Send();
    }

    // What the timers change that are due; what is only to be told is added to the list.
    private static List<EntryChange> ChangesOf(RoomState state, Clocks swept, Clocks reached, List<StateKey> told, List<AgentRecord> ended)
    {
        var changes = new List<EntryChange>();
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
        return changes;
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
        var now = _replica.Clock;
        _idleDue ??= now + AgentPresence.IdleAfter;
        var ends = _due is { } end ? _pending.Running.RoomTimeOf(end) : null;
        var due = Earliest(Earliest(Earliest(_pending.Timers.NextAfter(_swept, _replica.Ahead), _refusals.NextDue), Earliest(_idleDue, _lines.NextAt)), ends);
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
}
