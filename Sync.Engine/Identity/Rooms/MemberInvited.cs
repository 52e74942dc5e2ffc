using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Identity.Rooms;

/// <summary>A role given.</summary>
/// <param name="Room">The room.</param>
/// <param name="UserName">Who.</param>
/// <param name="Role">The role.</param>
public sealed record MemberInvited(string Room, string UserName, Role Role);
