using System.Text.Json;

namespace Sync.Cel.Values;

/// <summary>JSON in and out.</summary>
internal static class JsonValues
{
    private const int MaxDepth = 64;

    // What surrounds a value in an answer comes on top of it, and readers stop at 64.
    private const int MaxWrittenDepth = 48;
    private const double MaxExact = 9007199254740992.0;

    private static CelValue NotUnicode => CelValue.Error("The JSON holds text that is not valid Unicode.");

    public static CelValue Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var value = Read(ref reader);
            return reader.Read() ? CelValue.Error("The JSON has more than one value.") : value;
        }
        catch (JsonException)
        {
            // The reader has no non-throwing form; malformed and too deep are expected refusals here.
            return CelValue.Error("The text is not valid JSON, or is nested deeper than 64 levels.");
        }
        catch (InvalidOperationException)
        {
            // Unpaired surrogates in an escape are found only when the string is taken out.
            return NotUnicode;
        }
    }

    public static CelValue From(JsonElement element)
    {
        try
        {
            return From(element, depth: 0);
        }
        catch (InvalidOperationException)
        {
            return NotUnicode;
        }
    }

    public static void Write(in CelValue value, Utf8JsonWriter writer, int depth)
    {
        switch (value.Kind)
        {
            case CelKind.Null:
                writer.WriteNullValue();
                break;
            case CelKind.Bool:
                writer.WriteBooleanValue(value.AsBool);
                break;
            case CelKind.Int:
                writer.WriteNumberValue(value.AsInt);
                break;
            case CelKind.UInt:
                writer.WriteNumberValue(value.AsUInt);
                break;
            case CelKind.Double:
                WriteDouble(value.AsDouble, writer);
                break;
            case CelKind.String:
                writer.WriteStringValue(value.AsString);
                break;
            case CelKind.Bytes:
                writer.WriteBase64StringValue(value.BytesArray);
                break;
            case CelKind.List or CelKind.Map or CelKind.Optional when depth >= MaxWrittenDepth:
                Write(Errors.Depth, writer, depth);
                break;
            case CelKind.List:
                writer.WriteStartArray();
                var list = value.AsList;
                for (var i = 0; i < list.Count; i++)
                {
                    Write(list[i], writer, depth + 1);
                }

                writer.WriteEndArray();
                break;
            case CelKind.Map:
                WriteMap(value.AsMap, writer, depth + 1);
                break;
            case CelKind.Optional:
                Write(value.AsOptional.Value, writer, depth + 1);
                break;
            case CelKind.Error:
                writer.WriteStartObject();
                writer.WriteString("_error", value.AsError.Message);
                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(ValueText.Plain(value));
                break;
        }
    }

    private static void WriteMap(CelMap map, Utf8JsonWriter writer, int depth)
    {
        writer.WriteStartObject();
        foreach (var key in map.Keys)
        {
            if (map.TryGet(key, out var item))
            {
                writer.WritePropertyName(key.Kind == CelKind.String ? key.AsString : ValueText.Plain(key));
                Write(item, writer, depth);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteDouble(double value, Utf8JsonWriter writer)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(ValueText.Double(value));
        }
    }

    private static CelValue From(JsonElement element, int depth)
    {
        if (depth > MaxDepth)
        {
            return Errors.Depth;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.True:
                return CelValue.Of(true);
            case JsonValueKind.False:
                return CelValue.Of(false);
            case JsonValueKind.String:
                return CelValue.Of(element.GetString() ?? "");
            case JsonValueKind.Number:
                return element.TryGetInt64(out var integer) ? CelValue.Of(integer) : FromDouble(element.GetDouble());
            case JsonValueKind.Array:
                var items = new CelValue[element.GetArrayLength()];
                var next = 0;
                foreach (var item in element.EnumerateArray())
                {
                    var converted = From(item, depth + 1);
                    if (converted.IsError)
                    {
                        return converted;
                    }

                    items[next++] = converted;
                }

                return CelValue.Of(new ArrayList(items, items.Length, built: false));
            case JsonValueKind.Object:
                var map = new HashMap(element.GetPropertyCount(), built: false);
                foreach (var property in element.EnumerateObject())
                {
                    var converted = From(property.Value, depth + 1);
                    if (converted.IsError)
                    {
                        return converted;
                    }

                    map.Set(property.Name, converted);
                }

                return CelValue.Of(map);
            default:
                return CelValue.Null;
        }
    }

    // Recursion is bounded: the reader refuses the 65th level before this sees it.
    private static CelValue Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                return CelValue.Of(true);
            case JsonTokenType.False:
                return CelValue.Of(false);
            case JsonTokenType.String:
                return CelValue.Of(reader.GetString() ?? "");
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var integer) ? CelValue.Of(integer) : FromDouble(reader.GetDouble());
            case JsonTokenType.StartArray:
                var items = new CelValue[4];
                var count = 0;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (count == items.Length)
                    {
                        Array.Resize(ref items, count * 2);
                    }

                    items[count++] = Read(ref reader);
                }

                return CelValue.Of(new ArrayList(items, count, built: false));
            case JsonTokenType.StartObject:
                var map = new HashMap(4, built: false);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString() ?? "";
                    reader.Read();
                    map.Set(name, Read(ref reader));
                }

                return CelValue.Of(map);
            default:
                return CelValue.Null;
        }
    }

    // 1.0 and 1e3 are integers to whoever wrote them; beyond 2^53 a double no longer says which integer was meant.
    private static CelValue FromDouble(double value) =>
        Math.Abs(value) <= MaxExact && Math.Floor(value) == value && !(value == 0 && double.IsNegative(value))
            ? CelValue.Of((long)value)
            : CelValue.Of(value);
}
