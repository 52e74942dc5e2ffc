using System.Text.Json;

namespace Sync.Web.Tests.Api;

/// <summary>
/// Checks JSON against the part of JSON Schema that the API's document uses; a keyword it does not know is an error, so that nothing passes unread.
/// </summary>
internal static class JsonSchema
{
    private static readonly HashSet<string> s_annotations = ["description", "default", "format", "minLength", "maxLength", "minimum", "pattern"];

    /// <summary>What does not fit, as paths with reasons.</summary>
    public static IEnumerable<string> Violations(JsonElement document, JsonElement schema, JsonElement value, string path = "$")
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            var found = keyword.Name switch
            {
                "$ref" => Violations(document, Resolve(document, keyword.Value), value, path),
                "type" => IsOfType(keyword.Value, value) ? [] : [$"{path}: {value.ValueKind} is not {keyword.Value}"],
                "const" => JsonElement.DeepEquals(keyword.Value, value) ? [] : [$"{path}: not {keyword.Value}"],
                "enum" => keyword.Value.EnumerateArray().Any(item => JsonElement.DeepEquals(item, value)) ? [] : [$"{path}: {value} is none of {keyword.Value}"],
                "anyOf" => keyword.Value.EnumerateArray().Any(option => !Violations(document, option, value, path).Any()) ? [] : [$"{path}: fits none"],
                "allOf" => keyword.Value.EnumerateArray().SelectMany(part => Violations(document, part, value, path)),
                "required" when value.ValueKind == JsonValueKind.Object =>
                    keyword.Value.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{path}: lacks {name}"), // Names are strings.
                "properties" when value.ValueKind == JsonValueKind.Object =>
                    keyword.Value.EnumerateObject().Where(property => value.TryGetProperty(property.Name, out _))
                        .SelectMany(property => Violations(document, property.Value, value.GetProperty(property.Name), $"{path}.{property.Name}")),
                "additionalProperties" when value.ValueKind == JsonValueKind.Object => Others(schema, value).SelectMany(property => keyword.Value.ValueKind == JsonValueKind.False
                    ? [$"{path}.{property.Name}: not allowed"]
                    : Violations(document, keyword.Value, property.Value, $"{path}.{property.Name}")),
                "items" when value.ValueKind == JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Violations(document, keyword.Value, item, $"{path}[{i}]")),
                "required" or "properties" or "additionalProperties" or "items" => [],
                var name => s_annotations.Contains(name) ? [] : [$"{path}: the check does not know {name}"],
            };
            foreach (var violation in found)
            {
                yield return violation;
            }
        }
    }

    private static JsonElement Resolve(JsonElement document, JsonElement reference) =>
        document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]); // References are strings.

    private static IEnumerable<JsonProperty> Others(JsonElement schema, JsonElement value) =>
        value.EnumerateObject().Where(property => !schema.TryGetProperty("properties", out var known) || !known.TryGetProperty(property.Name, out _));

    private static bool IsOfType(JsonElement type, JsonElement value) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(option => IsOfType(option, value))
        : type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            _ => false,
        };
}
