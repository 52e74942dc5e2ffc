using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sync.Engine.Json;

/// <summary>RFC 8785 (JSON Canonicalization Scheme), and the version hash over it.</summary>
internal static class CanonicalJson
{
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
        if (value == 0)
        {
            return "0";
        }

        // .NET's round-trip form carries the shortest digits; only their layout differs from ECMAScript's.
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var negative = shortest[0] == '-';
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = shortest.AsSpan(negative ? 1 : 0, (mark < 0 ? shortest.Length : mark) - (negative ? 1 : 0));
        var point = mantissa.IndexOf('.');

        // Where the decimal point stands, counted from the first digit that is not zero.
        var exponent = (point < 0 ? mantissa.Length : point) + (mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        Span<char> digits = stackalloc char[32];
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

            if (count < digits.Length)
            {
                digits[count] = c;
            }

            count++;
        }

        count = Math.Min(count, digits.Length);
        while (count > 1 && digits[count - 1] == '0')
        {
            count--;
        }

        var k = digits[..count];
        var result = new StringBuilder(negative ? "-" : "");
        if (count <= exponent && exponent <= 21)
        {
            result.Append(k).Append('0', exponent - count);
        }
        else if (exponent is > 0 and <= 21)
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
            if (count > 1)
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
                var last = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
                foreach (var property in element.EnumerateObject())
                {
                    last[property.Name] = property.Value;
                }

                foreach (var (name, value) in last)
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
                var number = element.GetDouble();
                Append(output, Encoding.ASCII.GetBytes(double.IsFinite(number) ? Number(number) : element.GetRawText()));
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
