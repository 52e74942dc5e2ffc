using System.Buffers;
using System.Globalization;
using System.Text;
using Sync.Cel.Values;

namespace Sync.Cel.Syntax;

/// <summary>Takes the values out of literal tokens.</summary>
internal static class LiteralReader
{
    /// <summary>A number; <paramref name="negative"/> when a minus sign stands directly before it, so that -9223372036854775808 can be written.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, TokenKind kind, bool negative, out CelValue value)
    {
        value = default;
        if (kind == TokenKind.Double)
        {
            var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            value = CelValue.Of(negative ? -number : number);
            return double.IsFinite(number);
        }

        text = kind == TokenKind.UInt ? text[..^1] : text;
        var hex = text.Length > 2 && (text[1] | 0x20) == 'x';
        if (!ulong.TryParse(hex ? text[2..] : text, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var magnitude))
        {
            return false;
        }

        if (kind == TokenKind.UInt)
        {
            value = CelValue.UInt(magnitude);
            return !negative;
        }

        if (magnitude > long.MaxValue + (negative ? 1UL : 0UL))
        {
            return false;
        }

        value = CelValue.Of(negative ? unchecked(-(long)magnitude) : (long)magnitude);
        return true;
    }

    /// <summary>A string or bytes token; false with the place and reason of a bad escape.</summary>
    public static bool TryText(string source, Token token, out CelValue value, out int badAt, out string problem)
    {
        (value, badAt, problem) = (default, token.Start, "");
        var open = token.Start;
        var raw = false;
        while (source[open] is not ('"' or '\''))
        {
            raw |= source[open] is 'r' or 'R';
            open++;
        }

        var quotes = token.End - open >= 6 && source[open + 1] == source[open] && source[open + 2] == source[open] ? 3 : 1;
        var from = open + quotes;
        var content = source.AsSpan(from, token.End - quotes - from);
        var bytes = token.Kind == TokenKind.Bytes;
        if (raw || !content.Contains('\\'))
        {
            value = bytes ? CelValue.Bytes(Encoding.UTF8.GetBytes(content.ToString())) : CelValue.Of(content.ToString());
            return true;
        }

        return bytes
            ? TryBytes(content, from, out value, out badAt, out problem)
            : TryString(content, from, out value, out badAt, out problem);
    }

    private static bool TryString(ReadOnlySpan<char> content, int from, out CelValue value, out int badAt, out string problem)
    {
        (value, badAt, problem) = (default, 0, "");
        var text = new StringBuilder(content.Length);
        for (var i = 0; i < content.Length;)
        {
            if (content[i] != '\\')
            {
                text.Append(content[i++]);
                continue;
            }

            if (!TryEscape(content[i..], out var code, out var length, out _))
            {
                (badAt, problem) = (from + i, BadEscape(content[i..]));
                return false;
            }

            if (!Rune.TryCreate(code, out var rune))
            {
                (badAt, problem) = (from + i, "The escape names no Unicode character.");
                return false;
            }

            text.Append(rune.ToString());
            i += length;
        }

        value = CelValue.Of(text.ToString());
        return true;
    }

    private static bool TryBytes(ReadOnlySpan<char> content, int from, out CelValue value, out int badAt, out string problem)
    {
        (value, badAt, problem) = (default, 0, "");
        var bytes = new ArrayBufferWriter<byte>(content.Length + 1);
        for (var i = 0; i < content.Length;)
        {
            var plain = content[i..].IndexOf('\\');
            plain = plain < 0 ? content.Length - i : plain;
            if (plain > 0)
            {
                Encoding.UTF8.GetBytes(content.Slice(i, plain), bytes);
                i += plain;
                continue;
            }

            if (!TryEscape(content[i..], out var code, out var length, out var unicode) || unicode)
            {
                (badAt, problem) = (from + i, unicode ? "Bytes have no \\u escapes; write \\x41 or octal \\101." : BadEscape(content[i..]));
                return false;
            }

            bytes.GetSpan(1)[0] = (byte)code;
            bytes.Advance(1);
            i += length;
        }

        value = CelValue.Bytes(bytes.WrittenSpan.ToArray());
        return true;
    }

    private static string BadEscape(ReadOnlySpan<char> text) => text.Length < 2
        ? "The backslash escapes nothing; write `\\\\` for a backslash."
        : $"`\\{text[1]}` is not an escape; write `\\\\{text[1]}` for a backslash, or a raw string r\"…\".";

    // CEL spec: \a \b \f \n \r \t \v \\ \? \" \' \` , \xHH, \ooo (to 377), \uHHHH, \UHHHHHHHH.
    private static bool TryEscape(ReadOnlySpan<char> text, out int code, out int length, out bool unicode)
    {
        (code, length, unicode) = (0, 2, false);
        if (text.Length < 2)
        {
            return false;
        }

        switch (text[1])
        {
            case 'a':
                code = 7;
                return true;
            case 'b':
                code = 8;
                return true;
            case 'f':
                code = 12;
                return true;
            case 'n':
                code = 10;
                return true;
            case 'r':
                code = 13;
                return true;
            case 't':
                code = 9;
                return true;
            case 'v':
                code = 11;
                return true;
            case '\\' or '?' or '"' or '\'' or '`':
                code = text[1];
                return true;
            case 'x' or 'X':
                length = 4;
                return text.Length >= 4 && int.TryParse(text.Slice(2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code);
            case 'u' or 'U':
                var digits = text[1] == 'u' ? 4 : 8;
                length = 2 + digits;
                unicode = true;
                return text.Length >= length && int.TryParse(text.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code);
            case >= '0' and <= '3' when text.Length >= 4 && text[2] is >= '0' and <= '7' && text[3] is >= '0' and <= '7':
                length = 4;
                code = (text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0');
                return true;
            default:
                return false;
        }
    }
}
