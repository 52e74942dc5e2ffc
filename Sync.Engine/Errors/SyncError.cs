using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Engine;

/// <summary>
/// An expected refusal: a stable code, one plain sentence, what to do next. Refusals are values; an exception means a
/// bug or a broken machine.
/// </summary>
public sealed record SyncError(ErrorCode Code, string Message)
{
    /// <summary>What to do next; the reader is often a language model with one try.</summary>
    public string? Hint { get; init; }

    /// <summary>The help key that explains more.</summary>
    public string? Help { get; init; }

    /// <summary>Further fields, in the order they are written.</summary>
    public JsonObject? Details { get; init; }

    /// <summary>
    /// The sentence that the room's log, which everybody reads, keeps of the refusal; null where <see cref="Message"/> may hold more than everybody may read. The log then keeps the code alone.
    /// </summary>
    internal string? LogMessage { get; init; }

    /// <summary>When to try again, for <see cref="ErrorKind.Limited"/> and <see cref="ErrorKind.Unavailable"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same error with one more detail field.</summary>
    public SyncError With(string name, JsonNode? value)
    {
        var details = Details is null ? [] : (JsonObject)Details.DeepClone();
        details[name] = value;
        return this with { Details = details };
    }

    /// <summary>Writes <c>{"error", "message", …details, "hint", "help"}</c>.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, Code.Name);
        writer.WriteString("message"u8, Message);
        foreach (var (name, value) in Details ?? [])
        {
            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        if (Hint is not null)
        {
            writer.WriteString("hint"u8, Hint);
        }

        if (Help is not null)
        {
            writer.WriteString("help"u8, Help);
        }

        writer.WriteEndObject();
    }
}
