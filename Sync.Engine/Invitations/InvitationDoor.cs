namespace Sync.Engine;

/// <summary>Links that let one person in: into a room with a role, onto the server, or both at once.</summary>
public sealed class InvitationDoor
{
    /// <summary>Makes a link into a room. Needs admin access to it and a user behind the caller.</summary>
    /// <param name="caller">Who invites.</param>
    /// <param name="room">Into which room.</param>
    /// <param name="role">The role it gives.</param>
    /// <param name="life">How long it holds: a week unless given, at most 90 days.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: as for any admin access; <c>not_owner</c>; <c>identity_mismatch</c> without a user; <c>invalid_parameter</c>.</remarks>
    public Task<Outcome<InvitationMade>> CreateAsync(Caller caller, string room, Role role, TimeSpan? life, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Makes a link onto the server alone. Needs a session of an administrator.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>, <c>invalid_parameter</c>.</remarks>
    public Task<Outcome<InvitationMade>> CreateForServerAsync(Caller caller, TimeSpan? life, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The open invitations of a room, or of the server when room is null, newest first. Never a secret.</summary>
    /// <remarks>Errors: as for making one.</remarks>
    public Task<Outcome<IReadOnlyList<InvitationInfo>>> ListAsync(Caller caller, string? room, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes an invitation back.</summary>
    /// <remarks>Errors: as for making one; <c>not_found</c>.</remarks>
    public Task<Outcome<InvitationInfo>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What a link says, for the page it opens. The secret is the proof, so there is no caller.</summary>
    /// <remarks>Errors: <c>not_found</c> when unknown, used up, taken back or expired, or its maker may no longer invite.</remarks>
    public Task<Outcome<InvitationInfo>> FindAsync(string secret, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A signed-in user takes an invitation into a room. It never lowers a role they have.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_found</c>; <c>invalid_parameter</c> for an invitation onto the server, of no use to who is there.</remarks>
    public Task<Outcome<MemberInvited>> AcceptAsync(Caller caller, string secret, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>An invitation.</summary>
/// <param name="Id">Its id, which is no secret.</param>
/// <param name="Room">Into which room; null: onto the server alone.</param>
/// <param name="RoomName">The room's human name, or null.</param>
/// <param name="Role">The role it gives in the room.</param>
/// <param name="InvitedBy">The name of who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Until when it can be used.</param>
public sealed record InvitationInfo(string Id, string? Room, string? RoomName, Role? Role, string InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>A new invitation with its secret, shown this once.</summary>
/// <param name="Info">The invitation.</param>
/// <param name="Secret"><c>inv_…</c></param>
/// <param name="Url">The link to give to the person.</param>
public sealed record InvitationMade(InvitationInfo Info, string Secret, string Url);
