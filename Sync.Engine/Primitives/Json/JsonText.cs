using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Engine.Primitives.Json;

/// <summary>
/// One JSON value as compact, validated UTF-8. Values live in this form from the request to the disk and back into contexts, so
/// that a read joins bytes instead of serialising trees.
/// </summary>
internal readonly struct JsonText : IEquatable<JsonText>
{
    private static readonly JsonWriterOptions s_compact = new()
    {
        // The output is always application/json, never spliced into HTML; relaxed escaping keeps text readable for models.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    // The engine's own bytes are read whatever their depth: how deep a value may be is decided where it comes in, and never again.
    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = MaxReadDepth };

    // The bytes, or a list that is being appended to; null is the JSON null.
    private readonly object? _text;

    private JsonText(object text) => _text = text;

    /// <summary>How deep the engine reads what it has stored itself. Generous: nothing that was ever accepted comes near it.</summary>
    public const int MaxReadDepth = 1_000;

    public static JsonText Null { get; } = new("null"u8.ToArray());

    public ReadOnlySpan<byte> Span => _text switch
    {
        byte[] utf8 => utf8,
        GrowingList list => list.Utf8,
        _ => "null"u8,
    };

    public ReadOnlyMemory<byte> Memory => _text switch
    {
        byte[] utf8 => utf8,
        GrowingList list => list.Utf8,
        _ => Null.Memory,
    };

    public int Length => _text is GrowingList list ? list.Length : Span.Length;

    public JsonValueKind Kind => _text is GrowingList ? JsonValueKind.Array : Span[0] switch
    {
        (byte)'{' => JsonValueKind.Object,
        (byte)'[' => JsonValueKind.Array,
        (byte)'"' => JsonValueKind.String,
        (byte)'t' => JsonValueKind.True,
        (byte)'f' => JsonValueKind.False,
        (byte)'n' => JsonValueKind.Null,
        _ => JsonValueKind.Number,
    };

    /// <summary>Takes bytes that are known to be compact JSON.</summary>
    public static JsonText Trusted(byte[] utf8) => new(utf8);

    /// <summary>Takes a list that is being appended to.</summary>
    public static JsonText Of(GrowingList list) => new(list);

    /// <summary>The list that is being appended to, where this is one.</summary>
    public GrowingList? Growing => _text as GrowingList;

    /// <summary>How many bytes a value is as it was written; 0 for none.</summary>
    public static int LengthOf(JsonElement value) => value.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(value).Length;

    public static JsonText Of(JsonElement element) =>
        element.ValueKind == JsonValueKind.Undefined ? Null : Write(element, static (writer, e) => e.WriteTo(writer));

    public static JsonText Of(JsonNode? node) => node is null ? Null : Write(node, static (writer, n) => n.WriteTo(writer));

    public static JsonText Of(string text) => Write(text, static (writer, t) => writer.WriteStringValue(t));

    public static JsonText Write<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        if (t_busy)
        {
            // Nested use (a value written while another is being built) takes its own buffer; it is rare.
            return WriteNested(state, write);
        }

        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(1024);
        var writer = t_writer ??= new Utf8JsonWriter(buffer, s_compact);
        try
        {
            t_busy = true;
            writer.Reset(buffer);
            write(writer, state);
            writer.Flush();
            return new(buffer.WrittenSpan.ToArray());
        }
        finally
        {
            t_busy = false;
            buffer.ResetWrittenCount();
            if (buffer.Capacity > 1024 * 1024)
            {
                t_buffer = null;
                t_writer = null;
            }
        }
    }

    /// <summary>The same for what may be longer than it should: null as soon as it is.</summary>
    public static JsonText? WriteWithin<TState>(int bytes, TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = new BoundedBuffer(bytes);
        var writer = new Utf8JsonWriter(buffer, s_compact);
        try
        {
            write(writer, state);
            writer.Flush();
            return new JsonText(buffer.WrittenSpan.ToArray());
        }
        catch (BufferFullException)
        {
            // Not disposed: that would flush once more, and the writer holds nothing but memory.
            return null;
        }
    }

    /// <summary>A writer with the same settings over a caller's buffer.</summary>
    public static Utf8JsonWriter Writer(IBufferWriter<byte> buffer) => new(buffer, s_compact);

    public JsonDocument Parse() => ParseStored(Memory);

    /// <summary>Parses what the engine has written itself.</summary>
    public static JsonDocument ParseStored(ReadOnlyMemory<byte> utf8) => JsonDocument.Parse(utf8, s_reading);

    public JsonNode? ToNode() => JsonNode.Parse(Span, documentOptions: s_reading);

    public JsonElement ToElement()
    {
        using var document = Parse();
        return document.RootElement.Clone();
    }

    public void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(Span, skipInputValidation: true);

    public bool Equals(JsonText other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is JsonText other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Encoding.UTF8.GetString(Span);

    private static JsonText WriteNested<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, s_compact))
        {
            write(writer, state);
        }

        return new(buffer.WrittenSpan.ToArray());
    }

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    [ThreadStatic]
    private static bool t_busy;
}
