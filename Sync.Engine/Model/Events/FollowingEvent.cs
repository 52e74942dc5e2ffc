namespace Sync.Engine.Model.Events;

/// <summary>An event that followed from another: what everybody in the room may know of it.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="At">When it was.</param>
/// <param name="Kind">Its kind, as readers see it.</param>
/// <param name="Agent">Who did it.</param>
/// <param name="Action">What was invoked.</param>
/// <param name="Ok">Whether it was accepted.</param>
public sealed record FollowingEvent(long Seq, DateTimeOffset At, string Kind, string? Agent, string? Action, bool Ok);
