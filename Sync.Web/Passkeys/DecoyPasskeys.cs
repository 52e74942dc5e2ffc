using System.Security.Cryptography;
using System.Text;
using Fido2NetLib.Objects;

namespace Sync.Web.Passkeys;

/// <summary>
/// Passkeys of names that nobody has. The options of a sign-in by name list that user's passkeys; without a stand-in for unknown names they would say who is
/// registered (WebAuthn §14.6.2). The same name gives the same stand-in for as long as the server runs.
/// </summary>
internal sealed class DecoyPasskeys
{
    /// <summary>An id that no user has, as long as one that somebody could have.</summary>
    public const string UserId = "u_000000000000000000000000";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>The passkey as it would look of a user of this name.</summary>
    public PublicKeyCredentialDescriptor Of(string name) =>
        new(PublicKeyCredentialType.PublicKey, HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(name.ToUpperInvariant())), [AuthenticatorTransport.Internal]);
}
