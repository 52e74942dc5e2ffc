namespace Sync.Engine.Commands.Causality;

/// <summary>A message that is not in a room's memory any more. Data.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Seq">The event that sent it.</param>
internal readonly record struct OldMessage(long Number, long Seq);
