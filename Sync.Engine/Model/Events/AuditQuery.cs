namespace Sync.Engine.Model.Events;

/// <summary>Filters of the log.</summary>
/// <param name="After">Only events after this seq, oldest first; null: the newest.</param>
/// <param name="Limit">At most so many, 1–2000.</param>
/// <param name="Agent">Only of this agent.</param>
/// <param name="Action">Only of this action.</param>
/// <param name="Ok">Only accepted or only refused ones.</param>
public sealed record AuditQuery(EventCursor? After, int Limit, string? Agent, string? Action, bool? Ok)
{
    /// <summary>Only events before this seq, newest first; null: from the newest. Not together with <see cref="After"/>.</summary>
    public EventCursor? Before { get; init; }

    internal static AuditQuery Newest(int limit) => new(After: null, limit, Agent: null, Action: null, Ok: null);
}
