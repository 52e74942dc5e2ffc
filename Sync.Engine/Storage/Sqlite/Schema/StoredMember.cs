using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>members</c>: a user's role in a room.</summary>
internal sealed class StoredMember
{
    public required long Room { get; init; }

    public required string UserId { get; init; }

    public required Role Role { get; set; }

    /// <summary>Whether the user came in by joining an open room and nobody has given them the role.</summary>
    public bool ViaOpen { get; set; }

    /// <summary>Whether the user was given the role and has not taken it up: it works, but the room stands in none of their lists.</summary>
    public bool Pending { get; set; }
}
