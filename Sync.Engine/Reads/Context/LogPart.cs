using Sync.Engine.Model.Events;

namespace Sync.Engine.Reads.Context;

/// <summary>Events of the log that a context may show.</summary>
/// <param name="Events">The events.</param>
/// <param name="Last">The last event that was looked at; null where there was none.</param>
/// <param name="IsCut">Whether the log has more beyond it.</param>
internal sealed record LogPart(IReadOnlyList<RoomEvent> Events, long? Last, bool IsCut)
{
    public static LogPart None { get; } = new([], Last: null, IsCut: false);
}
