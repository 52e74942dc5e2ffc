using System.Text.Json;

namespace Sync.Cel.Values;

public readonly partial struct CelValue
{
    /// <summary>
    /// Reads compact or spaced JSON. A number that is integral and within ±2^53 becomes an int, as does any integer
    /// literal within int64; every other number a double. A duplicate key keeps its last value. Text that is not JSON, or is
    /// nested deeper than 64, gives an error value.
    /// </summary>
    public static CelValue ParseJson(ReadOnlySpan<byte> utf8) => JsonValues.Parse(utf8);

    /// <summary>The same for an element that is already parsed.</summary>
    public static CelValue FromJson(JsonElement element) => JsonValues.From(element);

    /// <summary>
    /// Writes the value as JSON: bytes as base64, timestamps and durations as their CEL string, types by name,
    /// optionals as their value or null, NaN and infinities as strings, errors as <c>{"_error": message}</c>. An int or uint beyond
    /// int64 and ±2^53 is written in full digits. Levels deeper than 48 are written as an error.
    /// </summary>
    public void WriteJson(Utf8JsonWriter writer) => JsonValues.Write(this, writer, depth: 0);
}
