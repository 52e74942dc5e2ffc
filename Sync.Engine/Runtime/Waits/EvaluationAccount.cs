using Sync.Cel.Values.Limits;
using Sync.Engine.Primitives.Clock;

namespace Sync.Engine.Runtime.Waits;

/// <summary>
/// What one caller's parked waits of a room may spend on evaluating their conditions. It comes back with time, so that an evaluation costs the waiter and never the room: the waits of a
/// caller that has spent it all are evaluated later, and nobody else's are. One evaluation may exceed what is left, by one budget at most, and the next then waits until that is made
/// good. Any thread.
/// </summary>
internal sealed class EvaluationAccount(CelLimits limits, TimeProvider time)
{
    // In budgets of a request: what may be spent at once, and what comes back in a second.
    private const double Max = 4;
    private const double PerSecond = 0.5;

    private readonly Lock _lock = new();
    private LeakyBucket _spent;

    /// <summary>Waits of the caller that are parked; under the registry's lock.</summary>
    public int Parked { get; set; }

    /// <summary>Whether nothing is spent, so that the account can be forgotten.</summary>
    public bool IsFull => Spent() == 0;

    /// <summary>How long until there is something to spend; zero when there is.</summary>
    public TimeSpan Delay => (Max * limits.Cost) - Spent() is var left && left > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(((1 - left) / Rate) + 0.001);

    private double Rate => PerSecond * limits.Cost;

    public void Spend(long units)
    {
        lock (_lock)
        {
            _spent = _spent.Add(units, time, Rate);
        }
    }

    private double Spent()
    {
        lock (_lock)
        {
            return _spent.LevelNow(time, Rate);
        }
    }
}
