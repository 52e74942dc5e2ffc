using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Sync.Cel.Values.Limits;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Runtime.Scheduling;

/// <summary>
/// Decides where expressions are evaluated. Small work runs where it stands, on the caller's pool thread. What turns out to be large is given up there within a few
/// milliseconds and done again on one of a few threads of its own, so that however much heavy work there is, the pool and at least one core stay free for everything
/// else.
/// <list type="bullet">
/// <item>Work is pure and may run twice; it makes its own <see cref="CelBudget"/>.</item>
/// <item>Whoever was heavy in a room is not tried inline there for <see cref="HeavyFor"/>; whoever has used up <see cref="InlineBurst"/> of inline time, in whatever
/// rooms, is not tried inline until it has come back. Others are not affected, also in the same room.</item>
/// <item>The heavy threads serve payers in turn, and agents of a payer in turn. What waits is bounded; more is refused.</item>
/// </list>
/// Any thread.
/// </summary>
internal sealed class EvaluationScheduler : IDisposable
{
    private const long InlineUnits = 50_000;
    private const int MaxQueued = 4_096;
    private const int MaxQueuedPerAgent = 256;
    private const int MaxRemembered = 4_096;

    // Of a second, how much inline time an account gets back.
    private const double InlineShare = 0.15;

    // Shorter than this it is the price of an ordinary request, which the limit of requests bounds.
    private static readonly long s_shortest = Stopwatch.Frequency / 2_000;

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly FairQueue<Work> _queue = new(MaxQueued, MaxQueuedPerAgent);
    private readonly SemaphoreSlim _filled = new(0);
    private readonly ConcurrentDictionary<(WorkSource Source, long Room), long> _heavy = new();
    // Seconds of inline time that each account has used and not yet got back.
    private readonly ConcurrentDictionary<string, LeakyBucket> _accounts = new(StringComparer.Ordinal);
    private readonly int _maxThreads = Math.Max(1, Environment.ProcessorCount / 2);
    private int _remembered;
    private int _threads;
    private int _idle;
    private bool _closed;

    public EvaluationScheduler(TimeProvider time) => _time = time;

    /// <summary>How long work may take where it stands. Tests, which must not depend on the machine's speed, raise it and go by the units alone.</summary>
    internal TimeSpan InlineTime { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long whoever was heavy in a room is not tried inline there.</summary>
    internal TimeSpan HeavyFor { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Inline time that an account may have used before it is not tried inline any more.</summary>
    internal TimeSpan InlineBurst { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often work was done on a heavy thread, for tests.</summary>
    internal long HeavyRuns { get; private set; }

    /// <summary>Does the work, here or on a heavy thread.</summary>
    /// <remarks>Errors: those of the work; <c>rate_limited unavailable</c> when too much waits.</remarks>
    public ValueTask<Outcome<T>> RunAsync<TState, T>(WorkSource source, long room, TState state, Func<TState, Outcome<T>> work, CancellationToken cancellationToken) =>
        TryInline(source, room, state, work, out var result) ? new(result) : new(RunHeavyAsync(source, state, work, cancellationToken));

    /// <summary>Does the work here, if it is small. False when it belongs on a heavy thread; then nothing has come of it.</summary>
    public bool TryInline<TState, TResult>(WorkSource source, long room, TState state, Func<TState, TResult> work, [MaybeNullWhen(false)] out TResult result)
    {
        result = default;
        if (_remembered > 0 && IsHeavy(source, room))
        {
            return false;
        }

        var began = Stopwatch.GetTimestamp();
        var done = false;
        try
        {
            using var allowance = new CelAllowance(InlineUnits, InlineTime);
            result = work(state);
            done = true;
        }
        catch (CelAllowanceExceededException)
        {
            Remember((source, room));
        }

        var taken = Stopwatch.GetTimestamp() - began;
        if (taken > s_shortest)
        {
            Debit(source.Account, Stopwatch.GetElapsedTime(0, taken));
        }

        return done;
    }

    /// <summary>Does the work on a heavy thread, when its turn comes. A caller that gives up before leaves the line.</summary>
    public async Task<Outcome<T>> RunHeavyAsync<TState, T>(WorkSource source, TState state, Func<TState, Outcome<T>> work, CancellationToken cancellationToken)
    {
        var item = new Work<TState, T>(state, work);
        QueueAnswer answer;
        FairQueue<Work>.Place place;
        lock (_lock)
        {
            if (_closed)
            {
                return RoomWriter.Unavailable;
            }

            answer = _queue.TryAdd(source, item, out place);
            if (answer == QueueAnswer.Taken)
            {
                WakeOneNeedsLock();
            }
        }

        if (answer != QueueAnswer.Taken)
        {
            return RoomWriter.Overloaded(answer);
        }

        var leave = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (scheduler, place, item) = ((EvaluationScheduler, FairQueue<Work>.Place, Work<TState, T>))state!;
                bool left;
                lock (scheduler._lock)
                {
                    left = scheduler._queue.TryRemove(place);
                }

                if (left)
                {
                    item.Cancel(token);
                }
            },
            (this, place, item));
        await using (leave.ConfigureAwait(false))
        {
            return await item.Done.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;

            // Each thread takes what is left and ends.
            if (_idle > 0)
            {
                _filled.Release(_idle);
                _idle = 0;
            }
        }
    }

    private void WakeOneNeedsLock()
    {
        if (_idle > 0)
        {
            _idle--;
            _filled.Release();
        }
        else if (_threads < _maxThreads)
        {
            try
            {
                new Thread(Serve) { Name = "sync-heavy", IsBackground = true }.Start();
                _threads++;
            }
            catch (Exception) when (_threads > 0)
            {
                // The machine gives no more threads just now: those that are there take what waits, and the next piece of work asks again.
            }
        }
    }

    private void Serve()
    {
        while (true)
        {
            Work? work;
            lock (_lock)
            {
                if (!_queue.TryTake(out work))
                {
                    if (_closed)
                    {
                        _threads--;
                        return;
                    }

                    _idle++;
                }
                else
                {
                    HeavyRuns++;
                }
            }

            if (work is not null)
            {
                work.Run();
                continue;
            }

            // Whoever wakes it has counted it out already.
            _filled.Wait();
        }
    }

    private bool IsHeavy(WorkSource source, long room)
    {
        var now = _time.GetTimestamp();
        if (_heavy.TryGetValue((source, room), out var until))
        {
            if (until > now)
            {
                return true;
            }

            _heavy.TryRemove((source, room), out _);
        }

        return _accounts.TryGetValue(source.Account, out var account) && account.LevelNow(_time, InlineShare) > InlineBurst.TotalSeconds;
    }

    private void Remember((WorkSource Source, long Room) key)
    {
        _heavy[key] = _time.GetTimestamp() + (long)(HeavyFor.TotalSeconds * _time.TimestampFrequency);
        Tidy();
    }

    private void Debit(string account, TimeSpan taken)
    {
        _accounts.AddOrUpdate(
            account,
            static (_, t) => default(LeakyBucket).Add(t.taken.TotalSeconds, t._time, InlineShare),
            static (_, before, t) => before.Add(t.taken.TotalSeconds, t._time, InlineShare),
            (_time, taken));
        Tidy();
    }

    // What has run out is forgotten once there is a lot of it, or nothing else.
    private void Tidy()
    {
        var count = _heavy.Count + _accounts.Count;
        Volatile.Write(ref _remembered, count);
        if (count <= MaxRemembered / 4)
        {
            return;
        }

        var now = _time.GetTimestamp();
        foreach (var (key, until) in _heavy)
        {
            if (until <= now || count > MaxRemembered)
            {
                _heavy.TryRemove(key, out _);
            }
        }

        foreach (var (key, account) in _accounts)
        {
            if (account.LevelNow(_time, InlineShare) == 0)
            {
                _accounts.TryRemove(key, out _);
            }
        }
    }

    private abstract class Work
    {
        public abstract void Run();
    }

    private sealed class Work<TState, T>(TState state, Func<TState, Outcome<T>> work) : Work
    {
        private readonly TaskCompletionSource<Outcome<T>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Outcome<T>> Done => _done.Task;

        public void Cancel(CancellationToken token) => _done.TrySetCanceled(token);

        public override void Run()
        {
            try
            {
                _done.TrySetResult(work(state));
            }
            catch (Exception failure)
            {
                // Whoever asked hears of it; the thread serves others.
                _done.TrySetException(failure);
            }
        }
    }
}
