namespace Sync.Engine.Model.Events;

/// <summary>An event read back.</summary>
internal sealed record EventRow(long Seq, DateTimeOffset At, string Kind, string? Agent, string? Action, bool Ok, byte[] Body);
