using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Identity.Invitations;

/// <summary>An invitation.</summary>
/// <param name="Id">Its id, which is no secret.</param>
/// <param name="Room">Into which room; null: onto the server alone.</param>
/// <param name="RoomName">The room's human name, or null.</param>
/// <param name="Role">The role it gives in the room.</param>
/// <param name="InvitedBy">The name of who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Until when it can be used.</param>
public sealed record InvitationInfo(string Id, string? Room, string? RoomName, Role? Role, string InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);
