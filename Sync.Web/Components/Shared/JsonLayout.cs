using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Components.Shared;

/// <summary>JSON text for reading. Nothing here throws: rooms hold what agents wrote, deep, long, or text that is no text.</summary>
internal static class JsonLayout
{
    /// <summary>Characters of a value that are laid out at most; what is longer shows its beginning.</summary>
    public const int MaxIndented = 200_000;

    private const int MaxDepth = 512;

    private static readonly JsonSerializerOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = MaxDepth };

    /// <summary>Reads a value; what is no JSON is <see cref="JsonValueKind.Undefined"/>.</summary>
    public static JsonElement Parse(string json)
    {
        try
        {
            return JsonElement.Parse(Mended(json), s_deep);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>The same value over several lines, its beginning where it is long; text that is no JSON comes back as it is.</summary>
    public static string Indent(string json, int max = MaxIndented)
    {
        var cut = json.Length > max;
        var reader = new Utf8JsonReader(
            Encoding.UTF8.GetBytes(Mended(cut ? json[..Clip.End(json, max)] : json)),
            isFinalBlock: !cut,
            new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth }));
        var text = new StringBuilder();
        try
        {
            // Whether the next token is the first of its container, or the value of a name.
            var (isFirst, isNamed) = (true, false);
            while (text.Length < max && reader.Read())
            {
                var isEnd = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (!isNamed && !(isEnd && isFirst) && text.Length > 0)
                {
                    text.Append(isFirst || isEnd ? "" : ",").Append('\n').Append(' ', reader.CurrentDepth * 2);
                }

                Append(ref reader, text);
                isFirst = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
                isNamed = reader.TokenType == JsonTokenType.PropertyName;
            }
        }
        catch (JsonException)
        {
            return Clip.Text(json, max);
        }

        // Cut within one long text nothing was read of it.
        return cut && text.Length < max / 2 ? Clip.Text(json, max) : text.ToString();
    }

    /// <summary>One value as short text: strings without quotes, the rest compact.</summary>
    public static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.GetRawText(),
    };

    /// <summary>The same of a node.</summary>
    public static string Plain(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.ToJsonString(s_compact),
    };

    private static void Append(ref Utf8JsonReader reader, StringBuilder text)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                text.Append('"').Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(reader.GetString()!)).Append("\": "); // A name is text.
                break;
            case JsonTokenType.String:
                text.Append('"').Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(reader.GetString()!)).Append('"');
                break;
            default:
                // Brackets, numbers and words as they stand.
                text.Append(Encoding.UTF8.GetString(reader.ValueSpan));
                break;
        }
    }

    // An escape of half a surrogate pair is valid JSON that no reader turns into text: it becomes the replacement character.
    private static string Mended(string json)
    {
        if (!json.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
        {
            return json;
        }

        var mended = new StringBuilder(json);
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] != '\\')
            {
                continue;
            }

            if (Surrogate(json, i) is not { } unit)
            {
                i++; // whatever it escapes
            }
            else if (char.IsHighSurrogate(unit) && Surrogate(json, i + 6) is { } next && char.IsLowSurrogate(next))
            {
                i += 11;
            }
            else
            {
                mended[i + 2] = mended[i + 3] = mended[i + 4] = 'f';
                mended[i + 5] = 'd';
                i += 5;
            }
        }

        return mended.ToString();
    }

    private static char? Surrogate(string json, int at) =>
        at + 6 <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
        && ushort.TryParse(json.AsSpan(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var unit)
        && char.IsSurrogate((char)unit)
            ? (char)unit
            : null;
}
