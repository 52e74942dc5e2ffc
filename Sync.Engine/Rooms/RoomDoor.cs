namespace Sync.Engine;

/// <summary>Room life cycle and membership.</summary>
public sealed class RoomDoor
{
    /// <summary>Creates a room; the caller's user becomes its owner. Needs <c>create_rooms</c>.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>scope_denied</c>, <c>invalid_id</c>, <c>room_exists</c>.</remarks>
    public Task<Outcome<RoomCreated>> CreateAsync(Caller caller, CreateRoom request, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Rooms the caller can read, newest first.</summary>
    public Outcome<IReadOnlyList<RoomInfo>> List(Caller caller) => throw new InvalidOperationException();

    /// <summary>One room.</summary>
    public Task<Outcome<RoomInfo>> GetAsync(Caller caller, string room, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Changes name or join policy. Needs admin access.</summary>
    public Task<Outcome<RoomInfo>> PatchAsync(Caller caller, string room, RoomPatch patch, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Deletes a room with every trace of it. Needs admin access as its owner (or its room token).</summary>
    public Task<Outcome<string>> DeleteAsync(Caller caller, string room, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Gives a user a role in the room. Needs admin access.</summary>
    public Task<Outcome<MemberInvited>> InviteAsync(Caller caller, string room, string userName, Role role, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Takes a room without members, or proves ownership by its room token.</summary>
    public Task<Outcome<MemberInvited>> ClaimAsync(Caller caller, string room, string? roomToken, CancellationToken cancellationToken) => throw new InvalidOperationException();
}

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
/// <param name="ViewToken"><c>view_…</c>: read-only, all scopes.</param>
public sealed record RoomCreated(RoomInfo Info, string RoomToken, string ViewToken);

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

/// <summary>A role given.</summary>
/// <param name="Room">The room.</param>
/// <param name="UserName">Who.</param>
/// <param name="Role">The role.</param>
public sealed record MemberInvited(string Room, string UserName, Role Role);
