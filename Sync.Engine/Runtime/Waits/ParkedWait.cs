using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Runtime.Waits;

/// <summary>The outcome of a wait.</summary>
/// <param name="Moment">The room as it was then.</param>
/// <param name="Value">The condition's value when it held; null when time was up.</param>
/// <param name="Error">Why it was ended from outside, such as access taken away.</param>
internal sealed record WaitEnd(Moment Moment, CelValue? Value, SyncError? Error)
{
    /// <summary>The event that made the condition true: the one whose step was looked at; where it was true at the first look, the newest that wrote what it reads. Null where no event did.</summary>
    public long? WokenBy { get; init; }
}

/// <summary>
/// One parked condition.
/// <list type="bullet">
/// <item>It looks at one step of the room after the other, each against its own state, whoever is at it: the caller that parked it, at first; then the registry's pump, as long as its looks
/// are cheap; and where they are not, <see cref="CostlyEvaluations"/>. One at a time: what comes meanwhile waits its turn here. Ends once.</item>
/// <item>Every look is on its caller's account. The first is on the budget of the request.</item>
/// <item>A look learns when the clock alone will change the outcome (<see cref="CelClock"/>), and the next one is taken then. A condition that uses the clock in other ways is looked at every
/// <see cref="s_step"/>.</item>
/// </list>
/// </summary>
internal sealed class ParkedWait : IDisposable
{
    /// <summary>Units that a look may take on the pump, where others wait for it: a fraction of a millisecond.</summary>
    public const long CheapEvaluation = 5_000;

    // Further behind than this, only the newest state is looked at.
    private const int MaxSteps = 256;

    // Entries of one scope that are looked through for the newest.
    private const int MaxEntriesRead = 256;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<WaitEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<RoomState, VisibleScopes> _sightOf;
    private readonly RoomReplica _room;
    private readonly Func<SyncError?> _access;
    private readonly DateTimeOffset _deadline;
    private readonly ITimer _timer;
    private readonly Queue<RoomStep> _steps = new();
    private RoomStep? _newest;
    private bool _isCostly;

    // Until the first look is over, the caller is at it.
    private bool _isEvaluating = true;
    private DateTimeOffset? _armedFor;

    /// <param name="expression">The condition.</param>
    /// <param name="self">As whom it is looked at.</param>
    /// <param name="source">On whose account.</param>
    /// <param name="room">The room.</param>
    /// <param name="deadline">When it ends anyway, by the room's clock.</param>
    /// <param name="sightOf">What the caller may read in a state.</param>
    /// <param name="access">Why the caller may not look any more, or null.</param>
    public ParkedWait(Expression expression, string? self, WorkSource source, RoomReplica room, DateTimeOffset deadline, Func<RoomState, VisibleScopes> sightOf, Func<SyncError?> access)
    {
        Expression = expression;
        Self = self;
        Source = source;
        _room = room;
        _deadline = deadline;
        _sightOf = sightOf;
        _access = access;
        Account = new EvaluationAccount(room.Limits.Cel, room.Time);
        _timer = room.Time.CreateTimer(static wait => ((ParkedWait)wait!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Expression Expression { get; }

    public string? Self { get; }

    /// <summary>Who pays for its looks.</summary>
    public WorkSource Source { get; }

    /// <summary>Out of which it pays; shared with the payer's other waits of the room once the registry has it.</summary>
    public EvaluationAccount Account { get; set; }

    /// <summary>What it reads; set by the registry under its lock.</summary>
    public ReadSet Reads { get; set; } = ReadSet.Nothing;

    /// <summary>The newest event it has looked at.</summary>
    public long SeenSeq { get; private set; } = -1;

    /// <summary>Units that its looks have taken after the first.</summary>
    public long Spent { get; private set; }

    /// <summary>The last evaluation error, for the time-out answer.</summary>
    public CelError? LastError { get; private set; }

    /// <summary>The type of the last value, where that was neither true nor false and not null, which an entry is before it is written; for the time-out answer.</summary>
    public string? LastOtherType { get; private set; }

    public Task<WaitEnd> End => _end.Task;

    /// <summary>The first look, by the caller, once it is parked; true when the wait has ended with it.</summary>
    public bool Evaluate(Moment moment)
    {
        TryEvaluate(new RoomStep(moment.State, Event: null, []), moment, _room.NewBudget(), isWhole: true, onAccount: false);
        if (Next() is not null)
        {
            _room.Waits.Process(this);
        }

        return _end.Task.IsCompleted;
    }

    /// <summary>Takes a step to look at. True when nobody is at it, and the caller has to have it looked at.</summary>
    public bool Offer(RoomStep step)
    {
        lock (_lock)
        {
            if (_end.Task.IsCompleted || IsSeen(step))
            {
                return false;
            }

            if (_steps.Count < MaxSteps)
            {
                _steps.Enqueue(step);
            }
            else
            {
                _newest = step;
            }

            if (_isEvaluating)
            {
                return false;
            }

            _isEvaluating = true;
            return true;
        }
    }

    /// <summary>Looks at all it was offered, as long as that is cheap. False when it is not, and <see cref="CostlyEvaluations"/> has to go on.</summary>
    public bool EvaluateCheaply()
    {
        while (Next() is { } step)
        {
            try
            {
                if (_isCostly || Account.Delay > TimeSpan.Zero || !Pay(step, CheapEvaluation))
                {
                    return false;
                }
            }
            catch (Exception bug) when (bug is not CelAllowanceExceededException)
            {
                // On the pump, which is the room's, and on a timer's thread.
                Fail(bug);
            }

            Done();
        }

        return true;
    }

    /// <summary>Looks at one step, whatever it takes. True while there are more.</summary>
    public bool EvaluateOnce()
    {
        if (Next() is not { } step)
        {
            return false;
        }

        Pay(step, _room.Limits.Cel.Cost);
        Done();
        return Next() is not null;
    }

    public void TimeOut() => _end.TrySetResult(new WaitEnd(_room.Now, Value: null, Error: null));

    /// <summary>Ends it with a refusal.</summary>
    public void Refuse(SyncError error) => _end.TrySetResult(new WaitEnd(_room.Now, Value: null, error));

    /// <summary>Ends it with a failure, which its caller hears of. What is still to be looked at is forgotten.</summary>
    public void Fail(Exception bug)
    {
        _end.TrySetException(bug);
        Next();
    }

    public void RecheckAccess()
    {
        if (_access() is { } refused)
        {
            Refuse(refused);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        var moment = _room.Now;
        lock (_lock)
        {
            _armedFor = null;
        }

        if (Offer(new RoomStep(moment.State, Event: null, [])))
        {
            _room.Waits.Process(this);
        }

        if (moment.Now >= _deadline)
        {
            TimeOut();
            return;
        }

        lock (_lock)
        {
            // The look may be long in coming, where it has to be paid for; that time is up must not hang on it.
            if (_armedFor is null && !_end.Task.IsCompleted)
            {
                ArmNeedsLock(_deadline);
            }
        }
    }

    // The step to look at next. With none left nobody is at it any more: whoever was told so must leave it alone.
    private RoomStep? Next()
    {
        lock (_lock)
        {
            if (_end.Task.IsCompleted)
            {
                _steps.Clear();
                _newest = null;
            }

            if (_steps.TryPeek(out var step))
            {
                return step;
            }

            _isEvaluating = _newest is not null;
            if (_newest is { } newest)
            {
                _newest = null;
                _steps.Enqueue(newest);
                return newest;
            }

            return null;
        }
    }

    private void Done()
    {
        lock (_lock)
        {
            _steps.TryDequeue(out _);
        }
    }

    private bool IsSeen(RoomStep step) => step.Event is not null && step.State.Seq <= SeenSeq;

    // False when it takes more than that; then nothing is known of the step.
    private bool Pay(RoomStep step, long max)
    {
        if (IsSeen(step))
        {
            return true;
        }

        var limits = _room.Limits.Cel;
        var budget = new CelBudget(Math.Min(max, limits.Cost), limits.Deadline, _room.Time);
        var isWhole = max >= limits.Cost;
        var looked = TryEvaluate(step, _room.MomentOf(step.State, _room.Clock), budget, isWhole, onAccount: true);
        _isCostly = !looked || (isWhole && budget.Spent > CheapEvaluation);
        return looked;
    }

    private bool TryEvaluate(RoomStep step, Moment moment, CelBudget budget, bool isWhole, bool onAccount)
    {
        var reader = new RoomActivation(moment, _sightOf(moment.State), Self, budget);
        var value = Expression.Evaluate(reader);
        if (onAccount)
        {
            Account.Spend(budget.Spent);
            Spent += budget.Spent;
        }

        if (budget.IsExhausted && !isWhole)
        {
            return false;
        }

        _room.Waits.Evaluated(this, step);
        lock (_lock)
        {
            SeenSeq = Math.Max(SeenSeq, moment.State.Seq);
            if (value.IsTrue)
            {
                _end.TrySetResult(new WaitEnd(moment, value, Error: null) { WokenBy = step.Event?.Seq ?? (onAccount ? null : NewestRead(moment.State)) });
                return true;
            }

            LastError = value.IsError ? value.AsError : null;
            LastOtherType = value.Kind is CelKind.Bool or CelKind.Null or CelKind.Error ? null : ValueTypes.Of(value);
            ArmNeedsLock(moment, reader.Clock);
            return true;
        }
    }

    // What agents are shown with moves without an event; and a look through a large scope is not worth a link.
    private long? NewestRead(RoomState state)
    {
        long newest = 0;
        foreach (var key in Reads.Keys)
        {
            newest = Math.Max(newest, key switch
            {
                { Scope: null or ReservedScopes.Agents } => 0,
                { Scope: ReservedScopes.Messages } => state.Messages.Recent.IsEmpty ? 0 : state.Messages.Recent[state.Messages.Count].Entry.Seq,
                { Key: { } name } => state.Find(key.Scope, name)?.Seq ?? 0,
                _ => state.Scope(key.Scope) is { Entries: { Count: <= MaxEntriesRead } entries } ? entries.Values.Select(static entry => entry.Seq).DefaultIfEmpty().Max() : 0,
            });
        }

        return newest == 0 ? null : newest;
    }

    private void ArmNeedsLock(Moment moment, CelClock clock)
    {
        var due = clock.IsFleeting ? moment.Now + s_step : clock.Next ?? _deadline;
        ArmNeedsLock(due < _deadline ? due : _deadline);
    }

    private void ArmNeedsLock(DateTimeOffset due)
    {
        if (due == _armedFor)
        {
            return;
        }

        _armedFor = due;
        // Counted from now: the look that found the moment took its time, and the clock may leap even in between.
        var wait = due - _room.Clock;
        _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        if (wait > TimeSpan.Zero && _room.Clock >= due)
        {
            _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
