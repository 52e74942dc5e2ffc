namespace Sync.Engine.Persistence;

/// <summary>A row of <c>members</c>: a user's role in a room.</summary>
internal sealed class StoredMember
{
    public required long Room { get; init; }

    public required string UserId { get; init; }

    public required Role Role { get; set; }
}
