using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime.Scheduling;

namespace Sync.Engine.Runtime.Waits;

/// <summary>
/// Looks that take more than a cheap one may, or whose caller has nothing left to spend: apart from the pump, so that they delay each other only. One at a time in a room, callers in turn,
/// each with what its account allows, on the threads that are there for heavy work.
/// </summary>
internal sealed class CostlyEvaluations : IDisposable
{
    // After the heavy threads had no room for one more.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly EvaluationScheduler _scheduler;
    private readonly Dictionary<EvaluationAccount, Queue<ParkedWait>> _waiting = [];
    private readonly Queue<EvaluationAccount> _turns = new();
    private readonly ITimer _timer;
    private bool _running;

    public CostlyEvaluations(TimeProvider time, EvaluationScheduler scheduler)
    {
        _scheduler = scheduler;
        _timer = time.CreateTimer(static looks => ((CostlyEvaluations)looks!).Start(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Queues a wait that has steps to look at. It stays with this until it has looked at all of them.</summary>
    public void Add(ParkedWait wait)
    {
        lock (_lock)
        {
            AddNeedsLock(wait);
        }

        Start();
    }

    public void Dispose() => _timer.Dispose();

    private void AddNeedsLock(ParkedWait wait)
    {
        if (!_waiting.TryGetValue(wait.Account, out var waits))
        {
            _waiting[wait.Account] = waits = new Queue<ParkedWait>();
            _turns.Enqueue(wait.Account);
        }

        waits.Enqueue(wait);
    }

    private void Start()
    {
        lock (_lock)
        {
            if (_running || _turns.Count == 0)
            {
                return;
            }

            _running = true;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        while (Next() is { } wait)
        {
            Outcome<bool> outcome;
            try
            {
                outcome = await _scheduler.RunHeavyAsync(wait.Source, wait, static w => (Outcome<bool>)w.EvaluateOnce(), CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception bug)
            {
                // That wait ends with it; the others of the room still have to look.
                wait.Fail(bug);
                continue;
            }

            var isDone = outcome.Try(out var hasMore, out var refused);
            lock (_lock)
            {
                if (!isDone || hasMore)
                {
                    AddNeedsLock(wait);
                }

                if (refused is not null)
                {
                    _running = false;
                    _timer.Change(s_pause, Timeout.InfiniteTimeSpan);
                    return;
                }
            }
        }
    }

    // The first caller in turn that has something to spend; with none of them, the timer goes on when one has.
    private ParkedWait? Next()
    {
        lock (_lock)
        {
            var soonest = TimeSpan.MaxValue;
            for (var turn = _turns.Count; turn > 0; turn--)
            {
                var account = _turns.Dequeue();
                var delay = account.Delay;
                if (delay > TimeSpan.Zero)
                {
                    soonest = delay < soonest ? delay : soonest;
                    _turns.Enqueue(account);
                    continue;
                }

                var wait = _waiting[account].Dequeue();
                if (_waiting[account].Count > 0)
                {
                    _turns.Enqueue(account);
                }
                else
                {
                    _waiting.Remove(account);
                }

                return wait;
            }

            _running = false;
            if (soonest < TimeSpan.MaxValue)
            {
                _timer.Change(soonest, Timeout.InfiniteTimeSpan);
            }

            return null;
        }
    }
}
