using System.Security.Cryptography;

namespace Sync.Engine.Identity.Grants;

/// <summary>The code that a person copies from a device: eight consonants (RFC 8628 §6.1), 34 bits, good for a quarter of an hour.</summary>
internal static class UserCode
{
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Length = 8;

    /// <summary>A new one, without hyphen.</summary>
    public static string New() => RandomNumberGenerator.GetString(Letters, Length);

    /// <summary>As people see it.</summary>
    public static string Show(string code) => $"{code[..4]}-{code[4..]}";

    /// <summary>What a person typed, in the form that is stored; null when it cannot be a code.</summary>
    public static string? Read(string typed)
    {
        Span<char> code = stackalloc char[Length];
        var length = 0;
        foreach (var character in typed)
        {
            if (character is '-' or ' ')
            {
                continue;
            }

            var letter = char.ToUpperInvariant(character);
            if (length == Length || !Letters.Contains(letter))
            {
                return null;
            }

            code[length++] = letter;
        }

        return length == Length ? new string(code) : null;
    }
}
