namespace Sync.Engine.Model.Timers;

/// <summary>
/// A room's clock without the time for which the room was paused. What stands still in a pause (leases, approvals, cooldowns) keeps its moments in this time, so that pausing and resuming
/// change none of them.
/// </summary>
/// <param name="StoodStill">How long the room was paused in all, pauses that are over.</param>
/// <param name="StoppedAt">The room's clock when it was paused; null while it runs.</param>
internal readonly record struct RunningClock(TimeSpan StoodStill, DateTimeOffset? StoppedAt)
{
    /// <summary>The room's clock when it went on last; null where it never stood still.</summary>
    public DateTimeOffset? ResumedAt { get; init; }

    /// <summary>This time, at a moment of the room's clock.</summary>
    public DateTimeOffset At(DateTimeOffset now) => (StoppedAt ?? now) - StoodStill;

    /// <summary>
    /// This time at somebody's sign of life, which may be long ago. Nobody could do anything while the room was paused, so its end is a sign of everybody's.
    /// </summary>
    public DateTimeOffset OfSign(DateTimeOffset sign)
    {
        var since = ResumedAt is { } resumed && resumed > sign ? resumed : sign;
        return (StoppedAt is { } stopped && stopped < since ? stopped : since) - StoodStill;
    }

    /// <summary>The moment of the room's clock at which this time reaches one of its own; null while it stands still.</summary>
    public DateTimeOffset? RoomTimeOf(DateTimeOffset running) => StoppedAt is null ? running + StoodStill : null;

    /// <summary>The same clock, stopped; it stays as it is where it stands already.</summary>
    public RunningClock Stop(DateTimeOffset now) => StoppedAt is null ? this with { StoppedAt = now } : this;

    /// <summary>The same clock, running again.</summary>
    public RunningClock Go(DateTimeOffset now) => StoppedAt is { } stopped ? new RunningClock(StoodStill + (now - stopped), StoppedAt: null) { ResumedAt = now } : this;
}
