using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Storage.Sqlite.Schema;

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
