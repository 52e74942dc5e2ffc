using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Storage.Sqlite.Schema;

// Who is in a room and who is asked into it.

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

/// <summary>
/// A row of <c>invited_names</c>: a user name that was invited into a room and has neither taken that up nor refused it. It is written whether or not
/// a user is called so, so that whoever invites cannot tell the two apart.
/// </summary>
internal sealed class StoredInvitedName
{
    public required long Room { get; init; }

    /// <summary>As it was typed; compared without case.</summary>
    public required string Name { get; init; }

    public required Role Role { get; set; }

    /// <summary>Who invited last, by name; null for the room's own authority.</summary>
    public string? InvitedBy { get; set; }

    public required long CreatedMs { get; set; }
}

/// <summary>A row of <c>removed_members</c>: a user whom an owner took out of a room, and who has not been asked back.</summary>
internal sealed class StoredRemovedMember
{
    public required long Room { get; init; }

    public required string UserId { get; init; }
}

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
