using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Identity.Users;

/// <summary>A registration at its last step, its proof sorted out as far as memory can.</summary>
/// <param name="User">Who is to be registered.</param>
/// <param name="Passkey">The first passkey.</param>
/// <param name="BySetup">Whether the right setup secret was shown.</param>
/// <param name="Invitation">Hash of the invitation that was shown, or null.</param>
/// <param name="Now">This moment.</param>
internal sealed record Registering(UserRecord User, PasskeyRecord Passkey, bool BySetup, byte[]? Invitation, DateTimeOffset Now)
{
    /// <summary>Whether the first user becomes an owner of the rooms that there are.</summary>
    public bool AdoptsRooms { get; init; }
}
