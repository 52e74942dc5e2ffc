namespace Sync.Engine.Model.Events;

/// <summary>What everybody in the room may know of an event: its columns, without its body.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="At">When it was.</param>
/// <param name="Kind">Its kind, as readers see it.</param>
/// <param name="Agent">Who did it, or null.</param>
/// <param name="Action">What was invoked, or null.</param>
/// <param name="Ok">Whether it was accepted.</param>
public sealed record EventHead(long Seq, DateTimeOffset At, string Kind, string? Agent, string? Action, bool Ok)
{
    internal static EventHead Of(RoomEvent e) => new(e.Seq, e.At, RoomEventJson.Name(e.Kind), e.Agent, e.Action, e.Ok);
}
