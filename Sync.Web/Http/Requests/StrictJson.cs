using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Http.Requests;

/// <summary>
/// Parses request bodies: RFC 8259 without extensions, and stricter where leniency would store something no reader can
/// be sure of. Refused are invalid UTF-8, escapes of lone surrogates (RFC 8259 §8.2 leaves them unpredictable), a name given twice in one
/// object (§4: unpredictable too) and nesting deeper than <see cref="MaxDepth"/>.
/// </summary>
internal static class StrictJson
{
    /// <summary>Deepest nesting of a request body.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonDocumentOptions s_options = new()
    {
        MaxDepth = MaxDepth,
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
    };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The object in <paramref name="utf8"/>, which is copied; nothing but white space is the empty object.</summary>
    public static Outcome<JsonElement> ParseObject(ReadOnlySpan<byte> utf8) =>
        !Parse(utf8).Try(out var element, out var error) ? error
        : element.ValueKind == JsonValueKind.Object ? element
        : Refused($"The body must be a JSON object, not {Describe(element.ValueKind)}.", "Wrap it: {\"field\": …}.");

    /// <summary>The value in <paramref name="utf8"/>, of any kind.</summary>
    public static Outcome<JsonElement> Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith(ByteOrderMark))
        {
            utf8 = utf8[ByteOrderMark.Length..];
        }

        if (utf8.TrimEnd(" \t\r\n"u8).IsEmpty)
        {
            utf8 = "{}"u8;
        }

        if (!Utf8.IsValid(utf8))
        {
            return Refused("The body is not valid UTF-8.", "Send JSON encoded as UTF-8.");
        }

        if (HasLoneSurrogate(utf8))
        {
            return Refused(
                "The body escapes half of a surrogate pair.",
                @"Write characters beyond U+FFFF as a pair of escapes (\ud83d\ude00) or as they are.");
        }

        try
        {
            return JsonElement.Parse(utf8, s_options);
        }
        catch (JsonException exception)
        {
            return Diagnose(utf8, exception);
        }
    }

    /// <summary>The kind in words, for messages.</summary>
    public static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Null => "null",
        _ => "nothing",
    };

    // Backslashes occur in valid JSON only inside strings, so the escapes can be walked without parsing; what is not valid is
    // refused by the parser afterwards.
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> utf8)
    {
        while (utf8.IndexOf((byte)'\\') is >= 0 and var at)
        {
            utf8 = utf8[at..];
            if (!TryReadEscape(utf8, out var unit))
            {
                utf8 = utf8.Length > 2 ? utf8[2..] : [];
                continue;
            }

            utf8 = utf8[6..];
            if (char.IsLowSurrogate(unit))
            {
                return true;
            }

            if (char.IsHighSurrogate(unit))
            {
                if (!TryReadEscape(utf8, out var second) || !char.IsLowSurrogate(second))
                {
                    return true;
                }

                utf8 = utf8[6..];
            }
        }

        return false;
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> utf8, out char unit)
    {
        unit = '\0';
        if (utf8.Length < 6 || utf8[0] != '\\' || utf8[1] != 'u'
            || !ushort.TryParse(utf8[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            return false;
        }

        unit = (char)code;
        return true;
    }

    // The parser does not say which rule was broken, other than in prose meant for its callers. A second, lenient reading tells.
    private static SyncError Diagnose(ReadOnlySpan<byte> utf8, JsonException exception)
    {
        var deepest = 0;
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
            while (reader.Read())
            {
                deepest = Math.Max(deepest, reader.CurrentDepth);
            }
        }
        catch (JsonException)
        {
            var line = (exception.LineNumber ?? 0) + 1;
            var column = (exception.BytePositionInLine ?? 0) + 1;
            return Refused(
                string.Create(CultureInfo.InvariantCulture, $"The body is not valid JSON: line {line}, byte {column}."),
                "Send one JSON object: double quotes, no comments, no trailing commas.")
                .With("line", line).With("byte", column);
        }

        return deepest >= MaxDepth
            ? Refused(string.Create(CultureInfo.InvariantCulture, $"The body is nested deeper than {MaxDepth} levels."), "Flatten the value.")
            : Refused("An object in the body names a property twice.", "Give each property once.");
    }

    private static SyncError Refused(string message, string hint) => new(ErrorCode.InvalidJson, message) { Hint = hint };
}
