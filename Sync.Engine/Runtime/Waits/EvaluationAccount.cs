using Sync.Cel.Values.Limits;

namespace Sync.Engine.Runtime.Waits;

/// <summary>
/// What one caller's parked waits of a room may spend on looking. It refills with time, so that a look costs the waiter and never the room: who has spent it all looks later, and nobody
/// else does. A look may go below what is left, by one budget at most, and the next then waits until that is made good. Any thread.
/// </summary>
internal sealed class EvaluationAccount(CelLimits limits, TimeProvider time)
{
    // In budgets of a request: what may be spent at once, and what comes back in a second.
    private const double Max = 4;
    private const double PerSecond = 0.5;

    private readonly Lock _lock = new();
    private double _left = Max * limits.Cost;
    private long _at = time.GetTimestamp();

    /// <summary>Waits of the caller that are parked; under the registry's lock.</summary>
    public int Parked { get; set; }

    /// <summary>Whether it is as full as it gets, and so can be forgotten.</summary>
    public bool IsFull => Refreshed() >= Max * limits.Cost;

    /// <summary>How long until there is something to spend; zero or less when there is.</summary>
    public TimeSpan Delay => Refreshed() is var left && left > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(((1 - left) / (PerSecond * limits.Cost)) + 0.001);

    public void Spend(long units)
    {
        lock (_lock)
        {
            RefreshNeedsLock();
            _left -= units;
        }
    }

    private double Refreshed()
    {
        lock (_lock)
        {
            return RefreshNeedsLock();
        }
    }

    private double RefreshNeedsLock()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(Max * limits.Cost, _left + (time.GetElapsedTime(_at, now).TotalSeconds * PerSecond * limits.Cost));
        _at = now;
        return _left;
    }
}
