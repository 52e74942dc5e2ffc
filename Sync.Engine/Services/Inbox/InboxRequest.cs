using Sync.Engine.Reads.Inbox;

namespace Sync.Engine.Services.Inbox;

/// <summary>What of an inbox is asked for. Counts are of all of it.</summary>
public sealed record InboxRequest
{
    /// <summary>The most items that are answered.</summary>
    public const int MaxItems = 500;

    /// <summary>Everything, as far as it is answered.</summary>
    public static InboxRequest All { get; } = new();

    /// <summary>Of one kind alone; null for all.</summary>
    public InboxKind? Kind { get; init; }

    /// <summary>Of one room alone; null for all.</summary>
    public string? Room { get; init; }

    /// <summary>At most so many, 1 to <see cref="MaxItems"/>.</summary>
    public int Limit { get; init; } = 200;
}
