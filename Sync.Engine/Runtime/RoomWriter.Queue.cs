using Sync.Engine.Commands;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime.Lines;
using Sync.Engine.Runtime.Scheduling;

namespace Sync.Engine.Runtime;

/// <content>
/// The room's queue. At most one command is decided at a time: whoever finds nobody at it decides on its own thread, at once; everybody else stands in line, fair by payer and
/// agent, and a drain on the pool takes them one after another. Nobody holds a lock while a command is decided, and no thread waits for one.
/// </content>
internal sealed partial class RoomWriter
{
    // After so many turns the drain lets other work of the pool go first, and after so many heads a command.
    private const int TurnsInARow = 16;

    private readonly FairQueue<QueuedCommand> _queue;

    // Guarded by _lock, like the queue. While true, one thread or task, and no other, decides on top of _pending.
    private bool _isOwned;
    private bool _timersDue;

    /// <summary>Commands that stand in line, for tests.</summary>
    internal int Queued
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>The refusal of a full queue.</summary>
    internal static SyncError Overloaded(QueueAnswer answer) => answer == QueueAnswer.AgentFull
        ? new SyncError(ErrorCode.RateLimited, "This agent has as many calls waiting in the room as it may.")
        {
            Hint = "Wait for the answers to earlier calls before sending more.",
            RetryAfter = TimeSpan.FromSeconds(1),
        }
        : new SyncError(ErrorCode.Unavailable, "As many calls as can wait are waiting already.") { Hint = "Nothing was changed. Retry in a moment, with the same request_id.", RetryAfter = TimeSpan.FromSeconds(2) };

    /// <inheritdoc/>
    public Task<Outcome<Committed>> ExecuteAsync(RoomCommand command, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<Outcome<Committed>>(cancellationToken);
        }

        _replica.Use();
        if (!TryOwn())
        {
            return ReleaseAsync(QueueAsync(command, cancellationToken), command, cancellationToken);
        }

        ValueTask<Ruling> ruling;
        try
        {
            ruling = RuleInTurnNeedsOwnerAsync(command, cancellationToken);
        }
        catch (Exception bug)
        {
            Disown();
            return Task.FromException<Outcome<Committed>>(bug);
        }

        if (!ruling.IsCompletedSuccessfully)
        {
            return ReleaseAsync(DisownAfterAsync(ruling.AsTask()), command, cancellationToken);
        }

        Disown();
        var made = ruling.Result;
        return made.Parked is not null ? StandInLineAsync(made, command, cancellationToken)
            : made.Decision is { } decision ? ReleaseAsync(decision, made.Pending ?? made.Basis, made.Pending?.Event.Seq ?? 0)
            : Task.FromResult<Outcome<Committed>>(made.Error!);
    }

    private async Task<Ruling> DisownAfterAsync(Task<Ruling> ruling)
    {
        try
        {
            return await ruling.ConfigureAwait(false);
        }
        finally
        {
            Disown();
        }
    }

    private async Task<Outcome<Committed>> ReleaseAsync(Task<Ruling> ruling, RoomCommand command, CancellationToken cancellationToken)
    {
        var made = await ruling.ConfigureAwait(false);
        return made.Parked is not null ? await StandInLineAsync(made, command, cancellationToken).ConfigureAwait(false)
            : await ReleaseAsync(made).ConfigureAwait(false);
    }

    private async Task<Outcome<Committed>> ReleaseAsync(Ruling made) =>
        made.Decision is { } decision
            ? await ReleaseAsync(decision, made.Pending ?? made.Basis, made.Pending?.Event.Seq ?? 0).ConfigureAwait(false)
            : made.Error!;

    // Also a refusal rests on what may still be undone.
    private async Task<Outcome<Committed>> ReleaseAsync(Decision decision, PendingEvent? rests, long seq)
    {
        var failed = rests is null ? null : await rests.Done.Task.ConfigureAwait(false);
        _replica.Touch(decision.Self);
        return (failed ?? decision.Refusal) is { } error
            ? error
            : new Committed(decision.Answer, seq) { Self = decision.Self, Agent = decision.Agent, IsNew = decision.IsNew, Approval = decision.Approval, FirstSeq = decision.FirstSeq };
    }

    /// <summary>Takes the right to decide if nobody has it and nobody waits for it.</summary>
    private bool TryOwn()
    {
        lock (_lock)
        {
            return !_isOwned && _queue.Count == 0 && (_isOwned = true);
        }
    }

    /// <summary>Gives the right to decide back, or to those in line.</summary>
    private void Disown()
    {
        lock (_lock)
        {
            if (_queue.Count == 0 && !_timersDue && !_lines.IsDue)
            {
                _isOwned = false;
                return;
            }
        }

        StartDrain();
    }

    private void StartDrain() => ThreadPool.UnsafeQueueUserWorkItem(static room => _ = room.DrainNeedsOwnerAsync(), this, preferLocal: false);

    // Nothing in here may throw: a drain that dies keeps the right to decide, and the room answers nobody any more.
    private async Task DrainNeedsOwnerAsync()
    {
        var heads = 0;
        for (var turn = 1; ; turn++)
        {
            QueuedCommand? command = null;
            ParkedCall? head = null;
            lock (_lock)
            {
                // Whoever stands in line comes before a newcomer, but so many heads that are tried in vain keep nobody from being decided.
                if (!_timersDue && !(heads < TurnsInARow && TryTakeHeadNeedsLock(out head)) && !_queue.TryTake(out command) && !TryTakeHeadNeedsLock(out head))
                {
                    _isOwned = false;
                    return;
                }
            }

            heads = head is null ? 0 : heads + 1;
            if (head is not null)
            {
                await TryNeedsOwnerAsync(head).ConfigureAwait(false);
                continue;
            }

            if (command is null)
            {
                RunTimersNeedsOwner();
                continue;
            }

            try
            {
                command.Done.TrySetResult(await RuleInTurnNeedsOwnerAsync(command.Command, command.Cancellation).ConfigureAwait(false));
            }
            catch (OperationCanceledException) when (command.Cancellation.IsCancellationRequested)
            {
                command.Done.TrySetCanceled(command.Cancellation);
            }
            catch (Exception bug)
            {
                // Its caller hears of it; the queue goes on.
                command.Done.TrySetException(bug);
            }

            if (turn % TurnsInARow == 0)
            {
                await Task.Yield();
            }
        }
    }

    private async Task<Ruling> QueueAsync(RoomCommand queued, CancellationToken cancellationToken)
    {
        var command = new QueuedCommand(queued, cancellationToken);
        QueueAnswer answer;
        FairQueue<QueuedCommand>.Place place;
        var drain = false;
        lock (_lock)
        {
            answer = _queue.TryAdd(queued.Source, command, out place);
            if (answer == QueueAnswer.Taken && !_isOwned)
            {
                // The owner has gone in between.
                _isOwned = true;
                drain = true;
            }
        }

        if (answer != QueueAnswer.Taken)
        {
            return Ruling.Of(Overloaded(answer));
        }

        if (drain)
        {
            StartDrain();
        }

        // Registered after it was put in line: a token that is cancelled already takes it out again at once.
        var leave = cancellationToken.UnsafeRegister(
            static (state, _) =>
            {
                var (writer, command, place) = ((RoomWriter, QueuedCommand, FairQueue<QueuedCommand>.Place))state!;
                writer.Leave(command, place);
            },
            (this, command, place));
        await using (leave.ConfigureAwait(false))
        {
            return await command.Done.Task.ConfigureAwait(false);
        }
    }

    private void Leave(QueuedCommand command, FairQueue<QueuedCommand>.Place place)
    {
        bool left;
        lock (_lock)
        {
            left = _queue.TryRemove(place);
        }

        if (left)
        {
            command.Done.TrySetCanceled(command.Cancellation);
        }
    }

    /// <summary>Decides one command. Completes at once unless the work is heavy or the log has no room.</summary>
    private ValueTask<Ruling> RuleNeedsOwnerAsync(RoomCommand command, CancellationToken cancellationToken)
    {
        if (!TryDraft(out var draft))
        {
            return new(Ruling.Of(Unavailable));
        }

        if (draft.IsDue)
        {
            EndDueNeedsOwner();
            if (!TryDraft(out draft))
            {
                return new(Ruling.Of(Unavailable));
            }
        }

        var light = _replica.Scheduler.TryInline(command.Source, _replica.Record.Row, (Writer: this, command, draft.Moment), static t => t.Writer.Decide(t.command, t.Moment), out var decision);
        return light && (!decision!.Writes || _log.TryReserve())
            ? new(FinishNeedsOwner(draft, decision))
            : new(RuleSlowlyNeedsOwnerAsync(command, draft, light ? decision : null, cancellationToken));
    }

    private async Task<Ruling> RuleSlowlyNeedsOwnerAsync(RoomCommand command, Draft draft, Decision? decision, CancellationToken cancellationToken)
    {
        if (decision is null
            && !(await _replica.Scheduler.RunHeavyAsync<(RoomWriter Writer, RoomCommand Command, Moment Moment), Decision>(command.Source, (this, command, draft.Moment), static t => t.Writer.Decide(t.Command, t.Moment), cancellationToken).ConfigureAwait(false))
                .Try(out decision, out var error))
        {
            return Ruling.Of(error);
        }

        return decision.Writes && !await _log.ReserveAsync(cancellationToken).ConfigureAwait(false) ? Ruling.Of(Unavailable) : FinishNeedsOwner(draft, decision);
    }

    private Decision Decide(RoomCommand command, Moment moment) =>
        (_services.Decider ?? throw new InvalidOperationException("Nobody decides the commands of rooms.")).Decide(command, moment, _replica, this);

    // What a decision is made on. The room may be closed, or what it rests on undone, while it is made.
    private bool TryDraft(out Draft draft)
    {
        lock (_lock)
        {
            var now = NowNeedsLock();
            draft = new Draft(_replica.MomentOf(_pending, now), _lastChange, _notices, IsDue: _due <= _pending.Running.At(now));
            return !_disposed && !_isSuperseded;
        }
    }

    /// <summary>Hands a decision's event to the log, where it has a place. Undone meanwhile is what was decided on: then nothing happens.</summary>
    private Ruling FinishNeedsOwner(in Draft draft, Decision decision)
    {
        PendingEvent? pending;
        var used = false;
        try
        {
            pending = decision.Event is { } e ? PendingEvent.Of(e, decision.After!, isReserved: true) : null;
            lock (_lock)
            {
                if (_disposed || _isSuperseded || !ReferenceEquals(_pending, draft.Moment.State))
                {
                    return Ruling.Of(Unavailable) with { IsUndone = true };
                }

                if (pending is not null)
                {
                    AppendNeedsLock(pending);
                    used = true;
                }
                else if (decision.Logged is { } refusal && _refusals.TakesNow(refusal, draft.Moment.Now))
                {
                    AppendRefusalNeedsLock(refusal, count: 1, draft.Moment.Now, isReserved: true);
                    used = true;
                }

                ArmNeedsLock();
            }
        }
        finally
        {
            if (decision.Writes && !used)
            {
                _log.Release(1);
            }
        }

        Send();
        return new Ruling(decision, Error: null, pending, draft.Basis) { Notices = draft.Notices };
    }

    /// <summary>What a command is decided on.</summary>
    /// <param name="Moment">The room with everything accepted so far.</param>
    /// <param name="Basis">The newest event of it that changes the room and is not on disk yet, or null.</param>
    /// <param name="Notices">How often the room has been told of changes without an event.</param>
    /// <param name="IsDue">Whether something may be due of what ends by itself.</param>
    private readonly record struct Draft(Moment Moment, PendingEvent? Basis, long Notices, bool IsDue);

    private sealed class QueuedCommand(RoomCommand command, CancellationToken cancellation)
    {
        public RoomCommand Command { get; } = command;

        public CancellationToken Cancellation { get; } = cancellation;

        public TaskCompletionSource<Ruling> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
