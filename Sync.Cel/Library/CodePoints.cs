using System.Text;

namespace Sync.Cel.Library;

/// <summary>Strings counted in code points, as the language does, over UTF-16. Text without surrogates takes the short way.</summary>
internal static class CodePoints
{
    /// <summary>Whether positions in UTF-16 are positions in code points.</summary>
    public static bool IsSimple(ReadOnlySpan<char> text) => !text.ContainsAnyInRange('\uD800', '\uDFFF');

    public static int Count(ReadOnlySpan<char> text)
    {
        if (IsSimple(text))
        {
            return text.Length;
        }

        var count = 0;
        for (var i = 0; i < text.Length; i += Width(text, i))
        {
            count++;
        }

        return count;
    }

    /// <summary>The UTF-16 offset of a code point position from 0 to the count; -1 outside.</summary>
    public static int Offset(ReadOnlySpan<char> text, long position)
    {
        if (position < 0 || position > text.Length)
        {
            return -1;
        }

        if (IsSimple(text))
        {
            return (int)position;
        }

        var at = 0;
        for (; position > 0 && at < text.Length; position--)
        {
            at += Width(text, at);
        }

        return position > 0 ? -1 : at;
    }

    /// <summary>1, or 2 for a surrogate pair.</summary>
    public static int Width(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    /// <summary>Strict UTF-8 to a string; false when it is not.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, out string text)
    {
        text = "";
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(utf8);
        return true;
    }
}
