using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sync.Web.Mcp;

/// <summary>Writes small JSON objects as UTF-8.</summary>
internal static class ToolJson
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object whose members <paramref name="write"/> writes.</summary>
    public static ReadOnlyMemory<byte> Write<T>(T value, Action<Utf8JsonWriter, T> write) => Of(writer =>
    {
        writer.WriteStartObject();
        write(writer, value);
        writer.WriteEndObject();
    });

    /// <summary>A value that <paramref name="write"/> writes.</summary>
    public static ReadOnlyMemory<byte> Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, s_writing))
        {
            write(writer);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>An object of these members.</summary>
    public static ReadOnlyMemory<byte> Object(IEnumerable<KeyValuePair<string, JsonElement>> members) => Write(members, static (writer, members) =>
    {
        foreach (var (name, value) in members)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    });
}
