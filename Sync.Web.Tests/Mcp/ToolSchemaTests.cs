using System.Text.Json;
using Sync.Web.Mcp.Tools;
using Sync.Web.Tests.Api;

namespace Sync.Web.Tests.Mcp;

/// <summary>Input schemas are what the strictest of the models' interfaces takes: one type for each property, lists with items, and nothing that has to be converted.</summary>
public sealed class ToolSchemaTests
{
    // Gemini converts or refuses the others; those of our own that are missing here are added when a tool needs them.
    private static readonly string[] s_keywords = ["type", "description", "enum", "properties", "items", "minimum", "maximum"];

    public static TheoryData<string> Names => [.. ToolTable.All.Select(tool => tool.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void InputSchema_EachPart_HasOneTypeAndNothingThatModelsRefuse(string name)
    {
        var schema = new SyncTool(ToolTable.Find(name)!).ProtocolTool.InputSchema; // It is one of the table's own names.

        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.All(schema.EnumerateObject(), keyword => Assert.Contains(keyword.Name, (string[])["type", "properties", "required"]));
        Assert.All(Parts(schema.GetProperty("properties"), name), part => AssertPlain(part.Path, part.Schema));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void InputSchema_Required_NamesPropertiesItHas(string name)
    {
        var schema = new SyncTool(ToolTable.Find(name)!).ProtocolTool.InputSchema; // It is one of the table's own names.

        var required = schema.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(item => item.GetString()!).ToList() : [];

        Assert.All(required, property => Assert.True(schema.GetProperty("properties").TryGetProperty(property, out _), property));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OutputSchema_Types_AreThoseOfJsonSchema(string name)
    {
        var schema = new SyncTool(ToolTable.Find(name)!).ProtocolTool.OutputSchema!.Value; // Every tool has one.

        Assert.Empty(JsonSchema.Violations(schema, schema, JsonElement.Parse("{}")));
        Assert.All(Parts(schema.GetProperty("properties"), name).Where(part => part.Schema.TryGetProperty("type", out _)), part =>
            Assert.All(part.Schema.GetProperty("type") is { ValueKind: JsonValueKind.Array } types ? types.EnumerateArray().Select(type => type.GetString()) : [part.Schema.GetProperty("type").GetString()],
                type => Assert.Contains(type, (string[])["string", "integer", "number", "boolean", "object", "array", "null"])));
    }

    private static void AssertPlain(string path, JsonElement schema)
    {
        Assert.All(schema.EnumerateObject(), keyword => Assert.True(s_keywords.Contains(keyword.Name), $"{path} has '{keyword.Name}'."));
        Assert.True(schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String, $"{path} has no single type.");
        var name = type.GetString();
        Assert.Contains(name, (string[])["string", "integer", "number", "boolean", "object", "array"]);
        Assert.True(name == "array" == schema.TryGetProperty("items", out _), $"{path}: a list has items, and nothing else has.");
        Assert.True(name == "object" || !schema.TryGetProperty("properties", out _), $"{path}: only an object has properties.");
        Assert.True(!schema.TryGetProperty("properties", out var properties) || properties.EnumerateObject().Any(), $"{path}: properties are left out where there are none.");
        Assert.True(name == "string" || !schema.TryGetProperty("enum", out _), $"{path}: only texts are enumerated.");
    }

    private static IEnumerable<(string Path, JsonElement Schema)> Parts(JsonElement properties, string path) =>
        properties.EnumerateObject().SelectMany(property => Part(property.Value, $"{path}.{property.Name}"));

    private static IEnumerable<(string Path, JsonElement Schema)> Part(JsonElement schema, string path) =>
    [
        (path, schema),
        .. schema.TryGetProperty("items", out var items) ? Part(items, path + "[]") : [],
        .. schema.TryGetProperty("properties", out var properties) ? Parts(properties, path) : [],
    ];
}
