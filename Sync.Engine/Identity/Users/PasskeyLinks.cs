using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Identity.Users;

/// <summary>A link that lets somebody who is locked out make a new passkey, without its secret.</summary>
/// <param name="UserName">Whose.</param>
/// <param name="MadeBy">The administrator who made it, by name; null when it was made on the machine.</param>
/// <param name="CreatedAt">When made.</param>
/// <param name="ExpiresAt">When it ends by itself.</param>
public sealed record PasskeyLinkInfo(string UserName, string? MadeBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Such a link with its secret, shown this once.</summary>
/// <param name="Info">The link.</param>
/// <param name="Secret"><c>key_…</c>, which the page of the link takes as its code.</param>
public sealed record PasskeyLinkMade(PasskeyLinkInfo Info, string Secret);

/// <summary>
/// The secret of such a link: <c>key_</c> and 256 random bits. Whoever has it becomes that user, so it works once, for a day, and a new one ends the one before.
/// It is no bearer token: no look-up of tokens takes it.
/// </summary>
internal static class PasskeyLinks
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private const string Prefix = "key_";
    private const int Longest = 64;

    public static string NewSecret() => Secret.New(Prefix);

    /// <summary>SHA-256 of what may be such a secret; null for what cannot be one.</summary>
    public static byte[]? Hash(string? secret) =>
        secret is { Length: <= Longest } && secret.StartsWith(Prefix, StringComparison.Ordinal) ? SHA256.HashData(Encoding.UTF8.GetBytes(secret)) : null;
}
