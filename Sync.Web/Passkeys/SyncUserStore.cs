using Microsoft.AspNetCore.Identity;
using Sync.Engine;

namespace Sync.Web.Passkeys;

/// <summary>
/// Lets the passkey library read users and passkeys. It writes nothing through here: people are registered, and passkeys put, renamed and removed, by the engine's
/// own calls, which say who may and answer with a sentence why not.
/// </summary>
internal sealed class SyncUserStore(SyncEngine engine) : IUserPasskeyStore<SyncUser>
{
    public Task<string> GetUserIdAsync(SyncUser user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(SyncUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task<string?> GetNormalizedUserNameAsync(SyncUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task<SyncUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult(SyncUser.Of(engine.Users.Find(userId)));

    public async Task<SyncUser?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        SyncUser.Of(await engine.Users.FindByNameAsync(normalizedUserName, cancellationToken));

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(SyncUser user, CancellationToken cancellationToken) =>
        [.. (await engine.Users.PasskeysAsync(user.Id, cancellationToken)).Select(PasskeyData.FromRecord)];

    public async Task<SyncUser?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        SyncUser.Of(await engine.Users.FindByPasskeyAsync(credentialId, cancellationToken));

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(SyncUser user, byte[] credentialId, CancellationToken cancellationToken) =>
        (await engine.Users.PasskeysAsync(user.Id, cancellationToken)).FirstOrDefault(passkey => passkey.CredentialId.Span.SequenceEqual(credentialId)) is { } record
            ? PasskeyData.FromRecord(record)
            : null;

    public Task AddOrUpdatePasskeyAsync(SyncUser user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw NotHere();

    public Task RemovePasskeyAsync(SyncUser user, byte[] credentialId, CancellationToken cancellationToken) => throw NotHere();

    public Task SetUserNameAsync(SyncUser user, string? userName, CancellationToken cancellationToken) => throw NotHere();

    public Task SetNormalizedUserNameAsync(SyncUser user, string? normalizedName, CancellationToken cancellationToken) => throw NotHere();

    public Task<IdentityResult> CreateAsync(SyncUser user, CancellationToken cancellationToken) => throw NotHere();

    public Task<IdentityResult> UpdateAsync(SyncUser user, CancellationToken cancellationToken) => throw NotHere();

    public Task<IdentityResult> DeleteAsync(SyncUser user, CancellationToken cancellationToken) => throw NotHere();

    public void Dispose()
    {
        // Nothing is held: the engine is the container's.
    }

    private static NotSupportedException NotHere() => new("Users are changed through the engine.");
}
