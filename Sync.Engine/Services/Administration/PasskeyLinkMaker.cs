using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Services.Administration;

/// <summary>Makes links for new passkeys, the same for an administrator and for whoever has the machine.</summary>
internal static class PasskeyLinkMaker
{
    public static async Task<Outcome<PasskeyLinkMade>> MakeAsync(PasskeyLinkStore links, UserRecord user, UserRecord? maker, TimeProvider time, CancellationToken cancellationToken)
    {
        var secret = PasskeyLinks.NewSecret();
        var now = time.GetUtcNow();
        var link = new StoredPasskeyLink
        {
            Id = Secret.NewId("p_"),

            // Made with the right shape above.
            Hash = PasskeyLinks.Hash(secret)!,
            UserId = user.Id,
            MadeBy = maker?.Id,
            CreatedMs = now.ToUnixTimeMilliseconds(),
            ExpiresMs = (now + PasskeyLinks.Life).ToUnixTimeMilliseconds(),
        };
        return (await links.AddAsync(link, cancellationToken).ConfigureAwait(false)).Try(out var info, out var error) ? new PasskeyLinkMade(info, secret) : error;
    }
}
