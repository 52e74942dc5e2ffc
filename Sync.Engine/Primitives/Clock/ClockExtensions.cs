namespace Sync.Engine.Primitives.Clock;

/// <summary>The clock as rooms read it.</summary>
internal static class ClockExtensions
{
    /// <summary>
    /// Now, in whole milliseconds: what the log keeps. A state computed live and one replayed from the log must agree to the last digit.
    /// </summary>
    public static DateTimeOffset UtcNowToMillisecond(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
    }

    /// <summary>An instant in whole milliseconds: what the database keeps of it, so that it is the same before and after a restart.</summary>
    public static DateTimeOffset ToMillisecond(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
}
