using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Mcp.Tools;

/// <summary>
/// The form of an argument or of a member within one, read from the tool's description of it. That is a JSON Schema whose <c>type</c> is one word of <see cref="s_types"/>: what stands
/// there says both which type the published schema names and what else is accepted (<see cref="ToolArguments"/>).
/// </summary>
/// <remarks>
/// The published schema has one type for each property, also within lists and objects, and none of anyOf, additionalProperties or lists without <c>items</c>: Gemini refuses all tools of a
/// connection for one such property. To accept more than one type, add a word here.
/// </remarks>
internal sealed class ArgumentForm
{
    // Our word, the kind it means and the JSON type that is published for it.
    private static readonly FrozenDictionary<string, (ArgumentKind Kind, string Published)> s_types = new Dictionary<string, (ArgumentKind, string)>
    {
        ["string"] = (ArgumentKind.Text, "string"),
        ["room"] = (ArgumentKind.Room, "string"),
        ["cel"] = (ArgumentKind.Cel, "string"),
        ["words"] = (ArgumentKind.Words, "string"),
        ["cursor"] = (ArgumentKind.Cursor, "string"),
        ["any"] = (ArgumentKind.Any, "string"),
        ["any number"] = (ArgumentKind.Any, "number"),
        ["any object"] = (ArgumentKind.Any, "object"),
        ["integer"] = (ArgumentKind.Integer, "integer"),
        ["boolean"] = (ArgumentKind.Switch, "boolean"),
        ["object"] = (ArgumentKind.Object, "object"),
        ["array"] = (ArgumentKind.List, "array"),
        ["ids"] = (ArgumentKind.Ids, "array"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private ArgumentForm(ArgumentKind kind, ArgumentForm? item, FrozenDictionary<string, ArgumentForm> members)
    {
        Kind = kind;
        Item = item;
        Members = members;
    }

    public ArgumentKind Kind { get; }

    /// <summary>The form of a list's items, or null.</summary>
    public ArgumentForm? Item { get; }

    /// <summary>The forms of an object's members that are described; others are taken as they are.</summary>
    public FrozenDictionary<string, ArgumentForm> Members { get; }

    /// <summary>Reads the description of a tool's arguments.</summary>
    public static ToolInput Read(string properties)
    {
        var described = JsonNode.Parse("{" + properties + "}")!.AsObject(); // It is an object by its braces.
        var names = described.Select(static property => property.Key).ToImmutableArray();
        if (described["room"] is JsonObject room)
        {
            // Every tool means the same by it.
            room["type"] = "room";
        }

        var forms = ReadMembers(described);
        return new ToolInput(names, forms, JsonElement.Parse(described.ToJsonString()));
    }

    // Replaces our words on the way.
    private static FrozenDictionary<string, ArgumentForm> ReadMembers(JsonObject properties) =>
        properties.ToFrozenDictionary(static property => property.Key, static property => ReadOne(property.Value!.AsObject()), StringComparer.Ordinal); // The tables of tools have no null.

    private static ArgumentForm ReadOne(JsonObject schema)
    {
        var (kind, published) = s_types[schema["type"]!.GetValue<string>()]; // Every description has one of the words.
        schema["type"] = published;
        var item = schema["items"] is JsonObject items ? ReadOne(items) : null;
        var members = schema["properties"] is JsonObject properties ? ReadMembers(properties) : FrozenDictionary<string, ArgumentForm>.Empty;
        return new ArgumentForm(kind, item, members);
    }
}
