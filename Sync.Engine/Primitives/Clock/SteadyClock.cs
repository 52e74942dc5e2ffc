namespace Sync.Engine.Primitives.Clock;

/// <summary>
/// The clock of the engine. A machine has two: one tells the time and may be set, the other measures and stands still while the machine sleeps. Due times that are
/// computed on one and waited for on the other come late or never; this clock is computed from both, and its timers wait for itself.
/// <list type="bullet">
/// <item>It never runs backwards and never stands still. Where the time is set back, it goes on by what has elapsed and is <see cref="Ahead"/> of the time from then on; a restart
/// ends that.</item>
/// <item>Where the time leaps forward, after a sleep or by being set, it follows: within <see cref="s_every"/> every timer that has become due fires.</item>
/// <item><see cref="GetTimestamp"/> stays the machine's: what it measures is short.</item>
/// </list>
/// Any thread.
/// </summary>
internal sealed class SteadyClock : TimeProvider, IDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    // Two clocks are never read at the same instant; less than this is no leap.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _machine;
    private readonly Lock _lock = new();
    private readonly LinkedList<SteadyTimer> _timers = new();
    private readonly ITimer _watch;
    private Anchor _anchor;
    private TimeSpan _ahead;
    private bool _disposed;

    public SteadyClock(TimeProvider machine)
    {
        _machine = machine;
        _anchor = new Anchor(machine.GetTimestamp(), machine.GetUtcNow());
        _watch = machine.CreateTimer(static clock => ((SteadyClock)clock!).Evaluate(), this, s_every, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Raised after a leap in either direction, on a timer's thread: whoever waits for moments of the time as people see it looks again.</summary>
    public event Action? Leapt;

    public override TimeZoneInfo LocalTimeZone => _machine.LocalTimeZone;

    public override long TimestampFrequency => _machine.TimestampFrequency;

    /// <summary>The time as people see it, which may have been set back.</summary>
    public DateTimeOffset Wall => _machine.GetUtcNow();

    /// <summary>How far this clock is ahead of the time as people see it; zero unless that was set back.</summary>
    public TimeSpan Ahead
    {
        get
        {
            var wall = _machine.GetUtcNow();
            var steady = Steady();
            return steady - wall > s_tolerance ? steady - wall : TimeSpan.Zero;
        }
    }

    /// <summary>The provider itself if it is such a clock, else one over it.</summary>
    public static SteadyClock Over(TimeProvider time) => time as SteadyClock ?? new SteadyClock(time);

    public override DateTimeOffset GetUtcNow()
    {
        var wall = _machine.GetUtcNow();
        var steady = Steady();
        return wall >= steady ? wall : steady;
    }

    public override long GetTimestamp() => _machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SteadyTimer(this, callback, state);
        lock (_lock)
        {
            timer.Node = _timers.AddLast(timer);
        }

        timer.Start();
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends the watch; timers go on.</summary>
    public void Dispose()
    {
        _disposed = true;
        _watch.Dispose();
    }

    private DateTimeOffset Steady()
    {
        var anchor = Volatile.Read(ref _anchor);
        return anchor.At + _machine.GetElapsedTime(anchor.Timestamp, _machine.GetTimestamp());
    }

    private void Evaluate()
    {
        try
        {
            Compare();
        }
        finally
        {
            // Whoever throws at a leap, the next one is noticed too.
            if (!_disposed)
            {
                _watch.Change(s_every, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // Moves the anchor along, and notices when the two clocks have moved differently.
    private void Compare()
    {
        var wall = _machine.GetUtcNow();
        var timestamp = _machine.GetTimestamp();
        var steady = _anchor.At + _machine.GetElapsedTime(_anchor.Timestamp, timestamp);
        var now = wall >= steady ? wall : steady;
        var ahead = now - wall;
        Volatile.Write(ref _anchor, new Anchor(timestamp, now));
        var leap = now - steady;
        var shift = (ahead - _ahead).Duration();
        if (leap > s_tolerance)
        {
            foreach (var timer in Timers())
            {
                timer.Leap(now);
            }
        }

        if (leap > s_tolerance || shift > s_tolerance)
        {
            _ahead = ahead;
            Leapt?.Invoke();
        }
    }

    private SteadyTimer[] Timers()
    {
        lock (_lock)
        {
            return [.. _timers];
        }
    }

    private sealed record Anchor(long Timestamp, DateTimeOffset At);

    /// <summary>A timer that knows when it is due by its clock, and can be told of a leap.</summary>
    private sealed class SteadyTimer(SteadyClock clock, TimerCallback callback, object? state) : ITimer
    {
        private readonly Lock _lock = new();
        private ITimer? _inner;
        private DateTimeOffset? _due;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _disposed;

        public LinkedListNode<SteadyTimer>? Node { get; set; }

        // Apart from the constructor, so that nothing fires before the timer is among the clock's.
        public void Start() =>
            _inner = clock._machine.CreateTimer(static timer => ((SteadyTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                if (_disposed)
                {
                    return false;
                }

                _period = period;
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.GetUtcNow() + dueTime;
                return _inner!.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }

        public void Leap(DateTimeOffset now)
        {
            lock (_lock)
            {
                if (!_disposed && _due is { } due)
                {
                    _inner!.Change(due > now ? due - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                }
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                if (_disposed)
                {
                    return;
                }

                _disposed = true;
                _due = null;
            }

            _inner!.Dispose();
            lock (clock._lock)
            {
                clock._timers.Remove(Node!);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Fire()
        {
            lock (_lock)
            {
                if (_disposed || _due is not { } due)
                {
                    return;
                }

                var now = clock.GetUtcNow();
                if (due > now)
                {
                    // The machine's timers may be a little early.
                    _inner!.Change(Later(due - now), Timeout.InfiniteTimeSpan);
                    return;
                }

                if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero)
                {
                    _due = null;
                }
                else
                {
                    // What was missed by a leap is made up for once.
                    due += _period;
                    _due = due > now ? due : now + _period;
                    _inner!.Change(_due.Value - now, Timeout.InfiniteTimeSpan);
                }
            }

            callback(state);
        }

        // Timers count whole milliseconds.
        private static TimeSpan Later(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
    }
}
