namespace Sync.Engine;

/// <summary>What to create.</summary>
/// <param name="Id">The room's id, or null for a generated one.</param>
/// <param name="Name">A human name, or null.</param>
/// <param name="Join">Join policy, or null for the configured default.</param>
public sealed record CreateRoom(string? Id, string? Name, JoinPolicy? Join);

/// <summary>What to change; null leaves as it is.</summary>
/// <param name="Name">A human name.</param>
/// <param name="Join">Join policy.</param>
public sealed record RoomPatch(string? Name, JoinPolicy? Join);

/// <summary>A new room with its legacy tokens, shown this once.</summary>
/// <param name="Info">The room.</param>
/// <param name="RoomToken"><c>room_…</c>: full access.</param>
/// <param name="ViewToken"><c>view_…</c>: reads what everyone in the room may read.</param>
public sealed record RoomCreated(RoomInfo Info, string RoomToken, string ViewToken);

/// <summary>A page of a list of rooms.</summary>
/// <param name="Rooms">Its rooms.</param>
/// <param name="Total">How many the whole list has.</param>
/// <param name="Left">How many it has from the page's beginning, those of the page among them.</param>
public sealed record RoomPage(IReadOnlyList<RoomInfo> Rooms, int Total, int Left);

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

/// <summary>A role in a room that a user was given and has not taken up.</summary>
/// <param name="Room">The room.</param>
/// <param name="RoomName">Its human name, or null.</param>
/// <param name="Role">The role, which works already.</param>
/// <param name="InvitedBy">The name of who gave it, or null for the room's own authority.</param>
/// <param name="At">When.</param>
public sealed record RoomInvitation(string Room, string? RoomName, Role Role, string? InvitedBy, DateTimeOffset At);

/// <summary>A role given.</summary>
/// <param name="Room">The room.</param>
/// <param name="UserName">Who.</param>
/// <param name="Role">The role.</param>
public sealed record MemberInvited(string Room, string UserName, Role Role);
