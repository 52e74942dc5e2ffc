using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sync.Engine.Primitives.Json;

/// <summary>
/// RFC 8785 (JSON Canonicalization Scheme), and the version hash over it. It departs from the standard in numbers: the standard reads each as a double, by which <c>9007199254740993</c> and
/// <c>9007199254740992</c> would be one; here every digit counts, and integers are written with all of theirs. Two numbers have one form exactly when they are equal (<c>1</c>, <c>1.0</c>, <c>10e-1</c>).
/// </summary>
internal static class CanonicalJson
{
    // ECMAScript writes numbers up to this many digits before the point without an exponent.
    private const int LongestPlain = 21;

    // A double's largest has 309 digits.
    private const int LongestInteger = 400;

    /// <summary>The first 16 hex digits of SHA-256 over the canonical form: proof that a value was read.</summary>
    public static string Version(JsonText value)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (IsCanonicalScalar(value.Span))
        {
            SHA256.HashData(value.Span, hash);
        }
        else
        {
            SHA256.HashData(Canonicalise(value), hash);
        }

        return Convert.ToHexStringLower(hash[..8]);
    }

    public static byte[] Canonicalise(JsonText value)
    {
        var buffer = new ArrayBufferWriter<byte>(value.Length + 16);
        using var document = value.Parse();
        Write(document.RootElement, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a double as ECMAScript's Number::toString does (RFC 8785 §3.2.2.3).</summary>
    public static string Number(double value)
    {
        // .NET's round-trip form carries the shortest digits; only their layout differs from ECMAScript's.
        Span<char> shortest = stackalloc char[32];
        value.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture);
        return Number(shortest[..length], LongestPlain);
    }

    /// <summary>The one form of a number given as JSON: integers with all their digits, others with every digit that was given and is not a trailing zero.</summary>
    public static string Number(ReadOnlySpan<byte> json)
    {
        Span<char> text = json.Length <= 128 ? stackalloc char[json.Length] : new char[json.Length];
        Encoding.ASCII.GetChars(json, text);
        return Number(text, LongestInteger);
    }

    private static string Number(ReadOnlySpan<char> text, int longestInteger)
    {
        var negative = text[0] == '-';
        var mark = text.IndexOfAny('E', 'e');
        var mantissa = text[(negative ? 1 : 0)..(mark < 0 ? text.Length : mark)];
        var point = mantissa.IndexOf('.');
        var power = 0;
        if (mark >= 0 && (!int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out power) || Math.Abs((long)power) > int.MaxValue / 2))
        {
            // No request brings such a number in; whatever an old room holds of them stays as it was written.
            return text.ToString();
        }

        // Where the decimal point stands, counted from the first digit that is not zero.
        var exponent = (point < 0 ? mantissa.Length : point) + power;
        Span<char> digits = mantissa.Length <= 128 ? stackalloc char[mantissa.Length] : new char[mantissa.Length];
        var count = 0;
        foreach (var c in mantissa)
        {
            if (c == '.')
            {
                continue;
            }

            if (count == 0 && c == '0')
            {
                exponent--;
                continue;
            }

            digits[count++] = c;
        }

        while (count > 0 && digits[count - 1] == '0')
        {
            count--;
        }

        return count == 0 ? "0" : Layout(negative, digits[..count], exponent, longestInteger);
    }

    private static string Layout(bool negative, ReadOnlySpan<char> k, int exponent, int longestInteger)
    {
        var result = new StringBuilder(negative ? "-" : "");
        if (k.Length <= exponent && exponent <= longestInteger)
        {
            result.Append(k).Append('0', exponent - k.Length);
        }
        else if (k.Length > exponent && exponent is > 0 and <= LongestPlain)
        {
            result.Append(k[..exponent]).Append('.').Append(k[exponent..]);
        }
        else if (exponent is > -6 and <= 0)
        {
            result.Append("0.").Append('0', -exponent).Append(k);
        }
        else
        {
            var e = exponent - 1;
            result.Append(k[0]);
            if (k.Length > 1)
            {
                result.Append('.').Append(k[1..]);
            }

            result.Append('e').Append(e < 0 ? '-' : '+').Append(Math.Abs(e));
        }

        return result.ToString();
    }

    // Small integers, true, false, null and plain ASCII strings without escapes are their own canonical form.
    private static bool IsCanonicalScalar(ReadOnlySpan<byte> text)
    {
        switch (text[0])
        {
            case (byte)'{' or (byte)'[':
                return text.Length == 2;
            case (byte)'"':
                foreach (var b in text[1..^1])
                {
                    if (b is < 0x20 or > 0x7e or (byte)'\\' or (byte)'"')
                    {
                        return false;
                    }
                }

                return true;
            case (byte)'t' or (byte)'f' or (byte)'n':
                return true;
            default:
                return text.Length <= 15
                    && Utf8Parser.TryParse(text, out long number, out var used)
                    && used == text.Length
                    && (number != 0 || text.Length == 1);
        }
    }

    private static void Write(JsonElement element, ArrayBufferWriter<byte> output)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                Append(output, "{"u8);
                var first = true;

                // Stable: of two members with one name, which only rooms of long ago hold, both count and in their order.
                var members = element.EnumerateObject().Select(property => (property.Name, property.Value)).OrderBy(member => member.Name, StringComparer.Ordinal);
                foreach (var (name, value) in members)
                {
                    if (!first)
                    {
                        Append(output, ","u8);
                    }

                    first = false;
                    WriteString(name, output);
                    Append(output, ":"u8);
                    Write(value, output);
                }

                Append(output, "}"u8);
                break;
            case JsonValueKind.Array:
                Append(output, "["u8);
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (index++ > 0)
                    {
                        Append(output, ","u8);
                    }

                    Write(item, output);
                }

                Append(output, "]"u8);
                break;
            case JsonValueKind.String:
                WriteString(element.GetString()!, output);
                break;
            case JsonValueKind.Number:
                Append(output, Encoding.ASCII.GetBytes(Number(JsonMarshal.GetRawUtf8Value(element))));
                break;
            default:
                Append(output, Encoding.ASCII.GetBytes(element.GetRawText()));
                break;
        }
    }

    // RFC 8785 §3.2.2.2: only quote, backslash and control characters are escaped, in their short forms.
    private static void WriteString(string text, ArrayBufferWriter<byte> output)
    {
        Append(output, "\""u8);
        Span<byte> encoded = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"':
                    Append(output, "\\\""u8);
                    break;
                case '\\':
                    Append(output, "\\\\"u8);
                    break;
                case '\b':
                    Append(output, "\\b"u8);
                    break;
                case '\f':
                    Append(output, "\\f"u8);
                    break;
                case '\n':
                    Append(output, "\\n"u8);
                    break;
                case '\r':
                    Append(output, "\\r"u8);
                    break;
                case '\t':
                    Append(output, "\\t"u8);
                    break;
                case < 0x20:
                    Append(output, Encoding.ASCII.GetBytes($"\\u{rune.Value:x4}"));
                    break;
                default:
                    Append(output, encoded[..rune.EncodeToUtf8(encoded)]);
                    break;
            }
        }

        Append(output, "\""u8);
    }

    private static void Append(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> bytes) => output.Write(bytes);
}
