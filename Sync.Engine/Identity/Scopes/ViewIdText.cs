using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Identity.Scopes;

/// <summary>
/// A view's id inside scope text. Ids may hold anything printable, scope text may not: what is not a letter or digit of ASCII or one of
/// <c>. _ - ~ :</c> is percent-encoded as UTF-8 (RFC 3986 §2.1). Reading takes other printable characters as they are.
/// </summary>
internal static class ViewIdText
{
    public static string Write(string id) => Uri.EscapeDataString(id).Replace("%3A", ":", StringComparison.Ordinal);

    /// <summary>The id, or null when the text stands for none.</summary>
    public static string? Read(ReadOnlySpan<char> text)
    {
        if (text.Contains('%'))
        {
            return Decode(text) is { } decoded && IsId(decoded) ? decoded : null;
        }

        var id = text.ToString();
        return IsId(id) ? id : null;
    }

    private static bool IsId(string id) => Identifiers.CheckStoredName("view id", id) is null;

    // By hand, since Uri.UnescapeDataString leaves what it cannot read: two texts would then stand for one id.
    private static string? Decode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        while (!text.IsEmpty)
        {
            if (text[0] == '%')
            {
                if (text.Length < 3 || !byte.TryParse(text[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
                {
                    return null;
                }

                length++;
                text = text[3..];
            }
            else
            {
                var plain = text.IndexOf('%') is var at and >= 0 ? text[..at] : text;
                length += Encoding.UTF8.GetBytes(plain, bytes.AsSpan(length));
                text = text[plain.Length..];
            }
        }

        return Utf8.IsValid(bytes.AsSpan(0, length)) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
