using System.Text.Json;

namespace Sync.Web.Tests.Mcp;

/// <summary>Validates JSON against the keywords of JSON Schema that the tools use. A keyword it does not know is a problem too, so that it never passes what it cannot judge.</summary>
internal static class JsonSchemaCheck
{
    private static readonly string[] s_known = ["type", "properties", "items", "required", "enum", "description", "minimum", "maximum"];

    /// <summary>What is wrong, each with its path; nothing where all is well.</summary>
    public static IEnumerable<string> Problems(JsonElement schema, JsonElement value, string path = "$")
    {
        foreach (var keyword in schema.EnumerateObject().Where(keyword => !s_known.Contains(keyword.Name)))
        {
            yield return $"{path}: the schema has '{keyword.Name}'.";
        }

        if (schema.TryGetProperty("type", out var type) && !TypesOf(type).Any(name => Is(value, name)))
        {
            yield return $"{path}: {value.ValueKind} is not {type.GetRawText()}.";
        }

        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(item => JsonElement.DeepEquals(item, value)))
        {
            yield return $"{path}: {value.GetRawText()} is not one of {allowed.GetRawText()}.";
        }

        foreach (var problem in Within(schema, value, path))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> Within(JsonElement schema, JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            var missing = schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)) : []; // Names are texts.
            return missing.Select(name => $"{path}: {name} is missing.").Concat(
                schema.TryGetProperty("properties", out var properties)
                    ? properties.EnumerateObject().Where(property => value.TryGetProperty(property.Name, out _)).SelectMany(property => Problems(property.Value, value.GetProperty(property.Name), $"{path}.{property.Name}"))
                    : []);
        }

        return value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items)
            ? value.EnumerateArray().SelectMany((item, index) => Problems(items, item, $"{path}[{index}]"))
            : [];
    }

    private static IEnumerable<string> TypesOf(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(name => name.GetString()!) : [type.GetString()!]; // Types are texts.

    private static bool Is(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };
}
