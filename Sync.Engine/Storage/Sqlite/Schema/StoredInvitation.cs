using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>invitations</c>. One that is used or taken back is gone.</summary>
internal sealed class StoredInvitation
{
    public required string Id { get; init; }

    public required byte[] Hash { get; init; }

    /// <summary>Into which room; null: onto the server alone.</summary>
    public long? Room { get; init; }

    public Role? Role { get; init; }

    /// <summary>Who made it.</summary>
    public required string UserId { get; init; }

    public required long CreatedMs { get; init; }

    public required long ExpiresMs { get; init; }
}
