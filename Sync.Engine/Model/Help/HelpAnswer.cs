using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Help;

/// <summary>What help says: the keys there are, or one text.</summary>
public sealed record HelpAnswer : IJsonAnswer
{
    private readonly JsonText _content;

    private HelpAnswer(JsonText content) => _content = content;

    /// <summary>The keys there are; empty where one text was asked for.</summary>
    public ImmutableArray<string> Keys { get; private init; } = [];

    /// <summary>How to read a text; null where one was asked for.</summary>
    public string? Usage { get; private init; }

    /// <summary>The key that was asked for, or null.</summary>
    public string? Key { get; private init; }

    /// <summary>The text where it is one; null where it is other JSON.</summary>
    public string? Text => _content.Kind == JsonValueKind.String ? _content.ToNode()!.GetValue<string>() : null;

    /// <summary>The content as JSON.</summary>
    public string ContentJson => _content.ToString();

    /// <summary>Proof of read, for an override.</summary>
    public string? Version { get; private init; }

    /// <summary>How often the room has written it; 0 for a text of the system.</summary>
    public long Revision { get; private init; }

    /// <summary>Whether the room has a text of its own for the key.</summary>
    public bool IsRooms { get; private init; }

    /// <summary>The answer as UTF-8 JSON: <c>{invoked, action, keys, usage}</c> or <c>{invoked, action, key, content, version, revision, source}</c>.</summary>
    public ReadOnlyMemory<byte> Json => ToText().Memory;

    internal static HelpAnswer List(ImmutableArray<string> keys, string usage) => new(JsonText.Null) { Keys = keys, Usage = usage };

    internal static HelpAnswer OfSystem(string key, JsonText content, string version) => new(content) { Key = key, Version = version };

    internal static HelpAnswer OfRoom(string key, JsonText content, string version, long revision) => new(content) { Key = key, Version = version, Revision = revision, IsRooms = true };

    internal JsonText ToText() => JsonText.Write(this, static (writer, answer) =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("invoked"u8, value: true);
        writer.WriteString("action"u8, Model.Actions.BuiltInIds.Help);
        if (answer.Key is null)
        {
            writer.WriteStartArray("keys"u8);
            foreach (var key in answer.Keys)
            {
                writer.WriteStringValue(key);
            }

            writer.WriteEndArray();
            writer.WriteString("usage"u8, answer.Usage);
        }
        else
        {
            writer.WriteString("key"u8, answer.Key);
            writer.WritePropertyName("content"u8);
            answer._content.WriteTo(writer);
            writer.WriteString("version"u8, answer.Version);
            writer.WriteNumber("revision"u8, answer.Revision);
            writer.WriteString("source"u8, answer.IsRooms ? "room" : "system");
        }

        writer.WriteEndObject();
    });
}
