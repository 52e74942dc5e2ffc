namespace Sync.Engine.Primitives.Clock;

/// <summary>
/// What somebody has used lately, as a level that falls at a constant rate and never below zero (a leaky bucket). The owner decides the unit, the rate and what a level permits.
/// Immutable: hold the newest, and forget one whose level is zero. The default value is an empty bucket.
/// </summary>
/// <param name="Level">The level at <paramref name="At"/>.</param>
/// <param name="At">A timestamp of the clock that the level is read with.</param>
public readonly record struct LeakyBucket(double Level, long At)
{
    /// <summary>The level now.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="perSecond">How much of it falls in a second.</param>
    public double LevelNow(TimeProvider time, double perSecond) => Level > 0 ? Math.Max(0, Level - (time.GetElapsedTime(At).TotalSeconds * perSecond)) : 0;

    /// <summary>The bucket with more in it.</summary>
    /// <param name="amount">How much has been used.</param>
    /// <param name="time">The clock.</param>
    /// <param name="perSecond">How much of the level falls in a second.</param>
    public LeakyBucket Add(double amount, TimeProvider time, double perSecond) => new(LevelNow(time, perSecond) + amount, time.GetTimestamp());
}
