using Sync.Engine;

namespace Sync.Web.Passkeys;

/// <summary>A user as the passkey library sees one.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Name">The user's name.</param>
internal sealed record SyncUser(string Id, string Name)
{
    public static SyncUser? Of(UserInfo? user) => user is null ? null : new SyncUser(user.Id, user.Name);
}
