using System.Text.Json;
using Sync.Engine.Json;

namespace Sync.Engine.Actions;

/// <summary>One write as an answer reports it; a null value means deleted.</summary>
internal sealed record AnswerWrite(string Scope, string Key, JsonText? Value, string? Version, long Revision)
{
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("scope"u8, Scope);
        writer.WriteString("key"u8, Key);
        if (Value is { } value)
        {
            writer.WritePropertyName("value"u8);
            value.WriteTo(writer);
            writer.WriteString("version"u8, Version);
            writer.WriteNumber("revision"u8, Revision);
        }
        else
        {
            writer.WriteBoolean("deleted"u8, value: true);
        }

        writer.WriteEndObject();
    }
}
