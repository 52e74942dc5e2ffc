using System.Buffers;
using System.Text.Json;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Messages;

/// <summary>
/// The JSON of messages: <c>{seq, from, kind, body, to?, reply_to?, at}</c>, where <c>to</c> is a list. Logs and snapshots of before hold a single recipient as text; that ends
/// where they are read (<see cref="Current"/>), so that nothing behind it meets two forms. Answers to a reader add <c>unread</c>.
/// </summary>
internal static class MessageJson
{
    /// <summary>Bytes that an answer adds to a message.</summary>
    public const int AddedBytes = 16;

    /// <summary>A stored value of a scope: where that is the messages', in the form of today; otherwise as it is.</summary>
    public static JsonText Current(string scope, JsonText value)
    {
        if (scope != ReservedScopes.Messages)
        {
            return value;
        }

        using var document = value.Parse();
        return document.RootElement.TryGetProperty("to"u8, out var to) && to.ValueKind == JsonValueKind.String
            ? JsonText.Write(document.RootElement, static (writer, message) => WriteCurrent(writer, message))
            : value;
    }

    /// <summary>Writes a message for a reader.</summary>
    public static void Write(Utf8JsonWriter writer, Message message, bool isUnread)
    {
        // The value is a compact object that is never empty; the member goes before its closing brace.
        var value = message.Entry.Value.Span[..^1];
        var added = isUnread ? ",\"unread\":true}"u8 : ",\"unread\":false}"u8;
        var length = value.Length + added.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        value.CopyTo(buffer);
        added.CopyTo(buffer.AsSpan(value.Length));
        writer.WriteRawValue(buffer.AsSpan(0, length), skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static void WriteCurrent(Utf8JsonWriter writer, JsonElement message)
    {
        writer.WriteStartObject();
        foreach (var member in message.EnumerateObject())
        {
            if (member.NameEquals("to"u8))
            {
                writer.WriteStartArray("to"u8);
                member.Value.WriteTo(writer);
                writer.WriteEndArray();
            }
            else
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
