using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sync.Engine.Identity.Tokens;

/// <summary>Bearer secrets: a prefix that tells the kind, and 256 random bits in base64url. Made here, shown once, never stored.</summary>
internal static class Secret
{
    public const string UserPrefix = "tok_";
    public const string RoomPrefix = "room_";
    public const string ViewPrefix = "view_";
    public const string AgentPrefix = "as_";

    // Not bearers: what renews a token, and what a device polls with.
    public const string RefreshPrefix = "ref_";
    public const string DevicePrefix = "dev_";

    private const int RandomBytes = 32;
    private const int RandomCharacters = 43;
    private const int LongestPrefix = 5;

    private static readonly string[] s_bearers = [UserPrefix, RoomPrefix, ViewPrefix, AgentPrefix];

    public static string New(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>An opaque id, which is no secret: 96 random bits in hexadecimal.</summary>
    public static string NewId(string prefix) => prefix + RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>The hash of a bearer secret made here.</summary>
    public static TokenHash Hash(string secret) =>
        TryHash(secret, out var hash) ? hash : throw new ArgumentException("Not the shape of a secret.", nameof(secret));

    /// <summary>The hash of a secret made here with this prefix.</summary>
    public static TokenHash Hash(string secret, string prefix) =>
        TryHash(secret, prefix, out var hash) ? hash : throw new ArgumentException("Not the shape of a secret.", nameof(secret));

    /// <summary>The hash of what looks like a bearer secret; false, at no cost, for what cannot be one.</summary>
    public static bool TryHash(string bearer, out TokenHash hash)
    {
        foreach (var prefix in s_bearers)
        {
            if (TryHash(bearer, prefix, out hash))
            {
                return true;
            }
        }

        hash = default;
        return false;
    }

    /// <summary>The hash of what looks like a secret of one kind; false, at no cost, for what cannot be one.</summary>
    public static bool TryHash(string secret, string prefix, out TokenHash hash)
    {
        if (!HasShape(secret, prefix))
        {
            hash = default;
            return false;
        }

        Span<byte> text = stackalloc byte[LongestPrefix + RandomCharacters];
        Span<byte> digest = stackalloc byte[TokenHash.Length];
        var length = Encoding.ASCII.GetBytes(secret, text);
        SHA256.HashData(text[..length], digest);
        hash = new TokenHash(digest);
        return true;
    }

    private static bool HasShape(string secret, string prefix)
    {
        if (secret.Length != prefix.Length + RandomCharacters || !secret.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var character in secret.AsSpan(prefix.Length))
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
            {
                return false;
            }
        }

        return true;
    }
}
