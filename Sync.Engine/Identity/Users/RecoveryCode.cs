using System.Security.Cryptography;
using System.Text;

namespace Sync.Engine.Identity.Users;

/// <summary>
/// Codes that people write down: sixteen characters of Crockford's base 32 (80 bits) in groups of four. Case, spaces and hyphens do not count when one is
/// typed, and the letters that look like digits are read as those.
/// </summary>
internal static class RecoveryCode
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 16;
    private const int LongestInput = 100;

    public static string New()
    {
        var code = RandomNumberGenerator.GetString(Alphabet, Length);
        return $"{code[..4]}-{code[4..8]}-{code[8..12]}-{code[12..]}";
    }

    /// <summary>SHA-256 of the code of a user. What is no code has a hash too, which no code has: a wrong shape costs what a wrong code costs.</summary>
    public static byte[] Hash(string userId, string code) => SHA256.HashData(Encoding.UTF8.GetBytes($"{userId}:{Normalise(code)}"));

    private static string Normalise(string code)
    {
        if (code.Length > LongestInput)
        {
            return "";
        }

        var normal = new StringBuilder(Length);
        foreach (var character in code)
        {
            if (!char.IsWhiteSpace(character) && character != '-')
            {
                normal.Append(char.ToLowerInvariant(character) switch
                {
                    'o' => '0',
                    'i' or 'l' => '1',
                    var other => other,
                });
            }
        }

        return normal.ToString();
    }
}
