namespace Sync.Engine;

/// <summary>A role given.</summary>
/// <param name="Room">The room.</param>
/// <param name="UserName">Who.</param>
/// <param name="Role">The role.</param>
public sealed record MemberInvited(string Room, string UserName, Role Role);
