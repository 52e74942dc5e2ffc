using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Json;

namespace Sync.Engine.Actions;

/// <summary>How a registered definition, of an action or a view, stands in its entry: as it was given, with <c>registered_by</c> added.</summary>
internal static class Registration
{
    private const string RegisteredBy = "registered_by";

    public static JsonText Sign(JsonText definition, string? registrant)
    {
        var node = (JsonObject)definition.ToNode()!;
        if (registrant is not null)
        {
            node[RegisteredBy] = registrant;
        }

        return JsonText.Of(node);
    }

    public static (JsonElement Definition, string? Registrant) Read(JsonText signed)
    {
        var node = (JsonObject)signed.ToNode()!;
        var registrant = node[RegisteredBy]?.GetValue<string>();
        node.Remove(RegisteredBy);
        return (JsonText.Of(node).ToElement(), registrant);
    }
}
