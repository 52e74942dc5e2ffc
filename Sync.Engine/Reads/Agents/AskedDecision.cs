using Sync.Engine.Model.Approvals;

namespace Sync.Engine.Reads.Agents;

/// <summary>When an agent asked for a decision, and when it was made.</summary>
/// <param name="Number">The event that asked.</param>
/// <param name="AskedAt">When.</param>
/// <param name="DecidedAt">When it was decided, has expired or was withdrawn; null while it is pending.</param>
internal readonly record struct AskedDecision(long Number, DateTimeOffset AskedAt, DateTimeOffset? DecidedAt)
{
    public static AskedDecision Of(ApprovalRecord record) => new(record.Number, record.AskedAt, record.IsPending ? null : record.DecidedAt ?? record.AskedAt);
}
