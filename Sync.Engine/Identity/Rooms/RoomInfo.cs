using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Identity.Rooms;

/// <summary>A room as its readers see it.</summary>
public sealed record RoomInfo
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>A human name, or null.</summary>
    public string? Name { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who may join without a token.</summary>
    public required JoinPolicy Join { get; init; }

    /// <summary>The caller's level.</summary>
    public required AccessLevel Access { get; init; }

    /// <summary>The caller's role, or null for tokens that carry the room's own authority.</summary>
    public Role? Role { get; init; }

    /// <summary>Members: name and role. Empty unless the caller has write access.</summary>
    public required IReadOnlyList<RoomMember> Members { get; init; }

    /// <summary>Names that were invited and have not answered, whether or not a user is called so. Empty unless the caller has full access.</summary>
    public IReadOnlyList<RoomMember> Invited { get; init; } = [];

    /// <summary>Live figures; null in lists for rooms that are not loaded.</summary>
    public RoomFigures? Figures { get; init; }
}

/// <summary>A member.</summary>
/// <param name="User">User name.</param>
/// <param name="Role">Their role.</param>
public sealed record RoomMember(string User, Role Role);

/// <summary>Live figures of a room.</summary>
/// <param name="Seq">Newest event.</param>
/// <param name="Agents">Agents, whatever their status.</param>
/// <param name="Entries">Entries the projection holds.</param>
/// <param name="Actions">Custom actions.</param>
/// <param name="Views">Views.</param>
/// <param name="Messages">Messages ever sent.</param>
public sealed record RoomFigures(long Seq, int Agents, int Entries, int Actions, int Views, long Messages);
