using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>Parameters that are declared as function tools declare theirs, by a JSON Schema of an object, in the form that actions have.</summary>
internal static class JsonSchemaParams
{
    private static readonly Dictionary<string, string> s_fields = new(StringComparer.Ordinal)
    {
        ["type"] = "type",
        ["enum"] = "enum",
        ["default"] = "default",
        ["description"] = "description",
        ["minimum"] = "minimum",
        ["maximum"] = "maximum",
        ["minLength"] = "min_length",
        ["maxLength"] = "max_length",
        ["pattern"] = "pattern",
    };

    /// <summary>The declarations, or null where it is no such schema: an object whose <c>type</c> is the text "object" and whose <c>properties</c> are objects.</summary>
    public static JsonText? Translate(JsonElement json)
    {
        if (!json.TryGetProperty("type"u8, out var type) || !(type.ValueKind == JsonValueKind.String && type.ValueEquals("object"u8))
            || !json.TryGetProperty("properties"u8, out var properties) || properties.ValueKind != JsonValueKind.Object
            || !properties.EnumerateObject().All(static property => property.Value.ValueKind == JsonValueKind.Object))
        {
            return null;
        }

        var required = json.TryGetProperty("required"u8, out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(static name => name.ValueKind == JsonValueKind.String).Select(static name => name.GetString()!).ToHashSet(StringComparer.Ordinal)
            : [];
        return JsonText.Write((properties, required), static (writer, t) =>
        {
            writer.WriteStartObject();
            foreach (var property in t.properties.EnumerateObject())
            {
                writer.WriteStartObject(property.Name);
                foreach (var field in property.Value.EnumerateObject())
                {
                    if (s_fields.TryGetValue(field.Name, out var name))
                    {
                        writer.WritePropertyName(name);
                        field.Value.WriteTo(writer);
                    }
                }

                if (t.required.Contains(property.Name))
                {
                    writer.WriteBoolean("required"u8, value: true);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        });
    }
}
