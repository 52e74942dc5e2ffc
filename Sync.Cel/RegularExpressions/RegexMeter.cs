namespace Sync.Cel.RegularExpressions;

/// <summary>
/// The work of compiling one pattern, taken before it is done. A step is about 16 ns; <see cref="Units"/> turns steps into units of cost.
/// </summary>
internal struct RegexMeter
{
    private const int Base = 100; // the allocations and the look-up that every pattern costs
    private const int StepsPerUnit = 32;

    private readonly long _limit;
    private long _steps;

    public RegexMeter(long units)
    {
        _limit = units <= Base ? -1 : (Math.Min(units, int.MaxValue) - Base) * StepsPerUnit;
        IsOver = _limit < 0;
    }

    /// <summary>Whether the work stopped because it would have cost more than there was.</summary>
    public bool IsOver { get; private set; }

    /// <summary>What was spent, in units of cost.</summary>
    public readonly long Units => Base + (_steps + StepsPerUnit - 1) / StepsPerUnit;

    /// <summary>Takes <paramref name="steps"/>; false when they are not there, and the step must not be done.</summary>
    public bool Spend(long steps)
    {
        _steps += steps;
        IsOver |= _steps > _limit;
        return !IsOver;
    }
}
