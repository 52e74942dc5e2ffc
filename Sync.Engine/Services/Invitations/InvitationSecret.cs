using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Services.Invitations;

/// <summary>The secret of an invitation link: <c>inv_</c> and 256 random bits. It is no bearer token, so no look-up of tokens takes it.</summary>
internal static class InvitationSecret
{
    private const string Prefix = "inv_";
    private const int Longest = 64;

    public static string New() => Secret.New(Prefix);

    /// <summary>SHA-256 of what may be such a secret; null for what cannot be one.</summary>
    public static byte[]? Hash(string secret) =>
        secret.Length <= Longest && secret.StartsWith(Prefix, StringComparison.Ordinal) ? SHA256.HashData(Encoding.UTF8.GetBytes(secret)) : null;
}
