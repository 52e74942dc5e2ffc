using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>
/// JSON text of a definition as pickers read and change it. The text stays the truth: what a picker does not know stays in it as it is, and text that is not of the wanted shape is left alone until its
/// writer has mended it.
/// </summary>
internal static class JsonPick
{
    private static readonly JsonSerializerOptions s_layout = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, MaxDepth = 128 };

    /// <summary>The object that the text is, a new one where it is blank, null where it is something else.</summary>
    public static JsonObject? Object(string text) => string.IsNullOrWhiteSpace(text) ? [] : Read(text) is JsonObject found && IsWhole(found) ? found : null;

    /// <summary>The list that the text is, a new one where it is blank, null where it is something else.</summary>
    public static JsonArray? List(string text) => string.IsNullOrWhiteSpace(text) ? [] : Read(text) as JsonArray;

    /// <summary>As the field shows it; nothing for an empty one.</summary>
    public static string Text(JsonNode node) => node is JsonObject { Count: 0 } or JsonArray { Count: 0 } ? "" : node.ToJsonString(s_layout);

    /// <summary>A value as a person types it: text as it is, where it cannot be taken for anything else; otherwise JSON.</summary>
    public static string ValueText(JsonNode? value)
    {
        if (value is JsonValue text && text.GetValueKind() == JsonValueKind.String)
        {
            var plain = text.GetValue<string>();
            return plain.Length > 0 && Read(plain) is null && plain != "null" && !JsonInput.LooksLikeJson(plain) ? plain : text.ToJsonString(s_layout);
        }

        return value?.ToJsonString(s_layout) ?? "";
    }

    /// <summary>What was typed: JSON where it is some, otherwise text. Null for nothing.</summary>
    public static JsonNode? Value(string? typed)
    {
        if (string.IsNullOrWhiteSpace(typed))
        {
            return null;
        }

        return Read(typed) is { } value ? value : JsonValue.Create(typed.Trim());
    }

    private static JsonNode? Read(string text) => JsonInput.Read(text) is { Value: { } value, Error: null } ? value : null;

    // An object that names a member twice fails when it is first looked into.
    private static bool IsWhole(JsonObject found)
    {
        try
        {
            return found.Count >= 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
