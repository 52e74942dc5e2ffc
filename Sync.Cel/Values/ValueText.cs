using System.Globalization;
using System.Text;

namespace Sync.Cel.Values;

/// <summary>Values as text: plain, as <c>string()</c> gives it, and as a literal, for messages.</summary>
internal static class ValueText
{
    private const int MaxLiteral = 8 * 1024;
    private const int MaxLiteralDepth = 32;
    private const int MaxBrief = 60;

    /// <summary>The text of a scalar as <c>string()</c> would give it.</summary>
    public static string Plain(in CelValue value) => value.Kind switch
    {
        CelKind.Null => "null",
        CelKind.Bool => value.AsBool ? "true" : "false",
        CelKind.Int => value.AsInt.ToString(CultureInfo.InvariantCulture),
        CelKind.UInt => value.AsUInt.ToString(CultureInfo.InvariantCulture),
        CelKind.Double => Double(value.AsDouble),
        CelKind.String => value.AsString,
        CelKind.Bytes => Convert.ToBase64String(value.BytesArray),
        CelKind.Timestamp => TimeText.Timestamp(value),
        CelKind.Duration => TimeText.Duration(value.DurationNanos),
        CelKind.Type => value.AsTypeName,
        CelKind.Opaque => value.AsOpaque.ToString(),
        CelKind.Error => value.AsError.Message,
        _ => Literal(value),
    };

    /// <summary>Shortest text that reads back to the same double, in the style <c>string()</c> promises: 1e+21, 0.0045, 5.</summary>
    public static string Double(double value)
    {
        if (double.IsNaN(value))
        {
            return "NaN";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "Infinity" : "-Infinity";
        }

        // .NET gives the shortest digits, but changes to exponents elsewhere than CEL implementations do (below 1e-4, from 1e21).
        var text = value.ToString("E16", CultureInfo.InvariantCulture).AsSpan();
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = int.Parse(text[(text.IndexOf('E') + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var inPlace = exponent is >= -4 and < 21;
        if (value == 0 || inPlace != shortest.Contains('E'))
        {
            return inPlace ? shortest : shortest.Replace('E', 'e');
        }

        var mantissa = shortest.Split('E')[0];
        var sign = mantissa[0] == '-' ? "-" : "";
        var digits = mantissa.Replace("-", "").Replace(".", "");
        if (!inPlace)
        {
            digits = digits.Trim('0');
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return exponent < 0
            ? $"{sign}0.{new string('0', -exponent - 1)}{digits}"
            : sign + digits.PadRight(exponent + 1, '0');
    }

    /// <summary>A key or a text as a message shows it: its literal when short, otherwise its beginning. Making it costs little, whatever the value.</summary>
    public static string Brief(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.String when value.AsString.Length > MaxBrief:
                var text = new StringBuilder();
                AppendQuoted(text, value.AsString.AsSpan(0, MaxBrief));
                return text.Append('…').ToString();
            case CelKind.List or CelKind.Map or CelKind.Optional or CelKind.Bytes:
                return TypeNames.Plain(value);
            default:
                return Literal(value);
        }
    }

    /// <summary>Text like the literal that makes the value; cut when long, so that it suits a message.</summary>
    public static string Literal(in CelValue value)
    {
        var text = new StringBuilder();
        Append(text, value, depth: 0);
        if (text.Length > MaxLiteral)
        {
            text.Length = MaxLiteral;
            text.Append('…');
        }

        return text.ToString();
    }

    /// <summary>Appends a double-quoted CEL string literal.</summary>
    public static void AppendQuoted(StringBuilder text, ReadOnlySpan<char> value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                default:
                    _ = char.IsControl(c)
                        ? text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture))
                        : text.Append(c);
                    break;
            }
        }

        text.Append('"');
    }

    private static void Append(StringBuilder text, in CelValue value, int depth)
    {
        if (text.Length > MaxLiteral || depth > MaxLiteralDepth)
        {
            text.Append('…');
            return;
        }

        switch (value.Kind)
        {
            case CelKind.UInt:
                text.Append(value.AsUInt).Append('u');
                break;
            case CelKind.Double:
                var number = Double(value.AsDouble);
                text.Append(number).Append(number.AsSpan().ContainsAnyExcept("-0123456789") ? "" : ".0");
                break;
            case CelKind.String:
                var shown = value.AsString;
                AppendQuoted(text, shown.AsSpan(0, Math.Min(shown.Length, MaxLiteral)));
                break;
            case CelKind.Bytes:
                AppendBytes(text, value.BytesArray);
                break;
            case CelKind.Timestamp:
                text.Append("timestamp(\"").Append(TimeText.Timestamp(value)).Append("\")");
                break;
            case CelKind.Duration:
                text.Append("duration(\"").Append(TimeText.Duration(value.DurationNanos)).Append("\")");
                break;
            case CelKind.List:
                AppendList(text, value.AsList, depth + 1);
                break;
            case CelKind.Map:
                AppendMap(text, value.AsMap, depth + 1);
                break;
            case CelKind.Optional when !value.AsOptional.HasValue:
                text.Append("optional.none()");
                break;
            case CelKind.Optional:
                text.Append("optional.of(");
                Append(text, value.AsOptional.Value, depth + 1);
                text.Append(')');
                break;
            case CelKind.Opaque:
                text.Append(value.TypeName == TypeNames.Cidr ? "cidr(\"" : "ip(\"").Append(value.AsOpaque).Append("\")");
                break;
            case CelKind.Error:
                text.Append("error: ").Append(value.AsError.Message);
                break;
            default:
                text.Append(Plain(value));
                break;
        }
    }

    private static void AppendList(StringBuilder text, CelList list, int depth)
    {
        text.Append('[');
        for (var i = 0; i < list.Count && text.Length <= MaxLiteral; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            Append(text, list[i], depth);
        }

        text.Append(']');
    }

    private static void AppendMap(StringBuilder text, CelMap map, int depth)
    {
        text.Append('{');
        var first = true;
        foreach (var key in map.Keys)
        {
            if (text.Length > MaxLiteral)
            {
                break;
            }

            text.Append(first ? "" : ", ");
            first = false;
            Append(text, key, depth);
            text.Append(": ");
            map.TryGet(key, out var item);
            Append(text, item, depth);
        }

        text.Append('}');
    }

    private static void AppendBytes(StringBuilder text, byte[] bytes)
    {
        text.Append("b\"");
        foreach (var b in bytes.AsSpan(0, Math.Min(bytes.Length, MaxLiteral / 4)))
        {
            _ = b is >= 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\'
                ? text.Append((char)b)
                : text.Append("\\x").Append(b.ToString("x2", CultureInfo.InvariantCulture));
        }

        text.Append('"');
    }
}
