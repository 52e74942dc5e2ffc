using Sync.Cel.Values.Limits;

namespace Sync.Engine.Model.Expressions;

/// <summary>A value with what the clock will make of it.</summary>
/// <param name="Value">The value.</param>
/// <param name="Next">The first instant at which the clock may change it; null where it does not.</param>
/// <param name="IsFleeting">Whether the clock changes it all the time.</param>
internal sealed record Timed<T>(T Value, DateTimeOffset? Next, bool IsFleeting)
    where T : class
{
    public static Timed<T> Of(T value, CelClock clock) => new(value, clock.Next, clock.IsFleeting);

    /// <summary>The value, for an evaluation that rests on it from now on.</summary>
    public T ReadBy(CelClock clock)
    {
        clock.Absorb(Next, IsFleeting);
        return Value;
    }
}
