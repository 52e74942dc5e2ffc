using Sync.Cel;
using Sync.Engine.Expressions;
using Sync.Engine.Rooms;

namespace Sync.Engine.Waits;

/// <summary>How a wait ended.</summary>
/// <param name="Moment">The room as it was then.</param>
/// <param name="Value">The condition's value when it held; null when time was up.</param>
/// <param name="Error">Why it was ended from outside, such as access taken away.</param>
internal sealed record WaitEnd(Moment Moment, CelValue? Value, SyncError? Error);

/// <summary>
/// One parked condition. Looked at by the registry's pump, by its own timer and once by the caller that parked it, one at a time; ends once.
/// </summary>
internal sealed class ParkedWait : IDisposable
{
    // How finely the future is looked through for the moment a condition on the clock becomes true; a window shorter than this can be overlooked.
    private static readonly TimeSpan s_grain = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<WaitEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<RoomState, Sight> _sightOf;
    private readonly Func<Moment> _now;
    private readonly Func<SyncError?> _access;
    private readonly Func<CelBudget> _newBudget;
    private readonly DateTimeOffset _deadline;
    private readonly ITimer _timer;
    private Sight _sight;
    private DateTimeOffset? _armedFor;

    public ParkedWait(Expression expression, string? self, Func<RoomState, Sight> sightOf, DateTimeOffset deadline, TimeProvider time, Func<Moment> now, Func<SyncError?> access, Func<CelBudget> newBudget)
    {
        Expression = expression;
        Self = self;
        _sightOf = sightOf;
        _deadline = deadline;
        _now = now;
        _access = access;
        _newBudget = newBudget;
        _timer = time.CreateTimer(static wait => ((ParkedWait)wait!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Expression Expression { get; }

    public string? Self { get; }

    /// <summary>What it reads; set by the registry under its lock.</summary>
    public ReadSet Reads { get; set; } = ReadSet.Nothing;

    /// <summary>The newest event it has looked at.</summary>
    public long SeenSeq { get; private set; } = -1;

    /// <summary>The last evaluation error, for the time-out answer.</summary>
    public CelError? LastError { get; private set; }

    public Task<WaitEnd> End => _end.Task;

    /// <summary>Evaluates at one moment; true when the wait has ended.</summary>
    public bool Look(Moment moment)
    {
        lock (_gate)
        {
            if (_end.Task.IsCompleted)
            {
                return true;
            }

            SeenSeq = Math.Max(SeenSeq, moment.State.Seq);
            _sight = _sightOf(moment.State);
            var value = Evaluate(moment);
            if (value.IsTrue)
            {
                _end.TrySetResult(new WaitEnd(moment, value, Error: null));
                return true;
            }

            LastError = value.IsError ? value.AsError : null;
            ArmNeedsLock(moment);
            return false;
        }
    }

    public void TimeOut() => _end.TrySetResult(new WaitEnd(_now(), Value: null, Error: null));

    /// <summary>Ends it with a refusal.</summary>
    public void Refuse(SyncError error) => _end.TrySetResult(new WaitEnd(_now(), Value: null, error));

    public void RecheckAccess()
    {
        if (_access() is { } refused)
        {
            _end.TrySetResult(new WaitEnd(_now(), Value: null, refused));
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        var moment = _now();
        lock (_gate)
        {
            _armedFor = null;
        }

        if (!Look(moment) && moment.Now >= _deadline)
        {
            TimeOut();
        }
    }

    private CelValue Evaluate(Moment moment) => Expression.Evaluate(new RoomActivation(moment, _sight, Self, _newBudget()));

    private void ArmNeedsLock(Moment moment)
    {
        var due = Reads.Time ? NextTrue(moment) ?? _deadline : _deadline;
        if (due == _armedFor)
        {
            return;
        }

        _armedFor = due;
        var wait = due - moment.Now;
        _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// When the clock alone will make the condition true. An expression is a pure function of state and time, so the future can be computed instead of polled:
    /// look along a grid for the first moment at which it holds, then halve down to the millisecond.
    /// </summary>
    private DateTimeOffset? NextTrue(Moment moment)
    {
        var before = moment.Now;
        while (before < _deadline)
        {
            var at = before + s_grain < _deadline ? before + s_grain : _deadline;
            if (Evaluate(moment with { Now = at }).IsTrue)
            {
                while (at - before > TimeSpan.FromMilliseconds(1))
                {
                    var middle = before + ((at - before) / 2);
                    (before, at) = Evaluate(moment with { Now = middle }).IsTrue ? (before, middle) : (middle, at);
                }

                return at;
            }

            before = at;
        }

        return null;
    }
}
