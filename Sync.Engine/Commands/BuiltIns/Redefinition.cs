using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>Tells a registrant what a redefinition changed under those who use the action.</summary>
internal static class Redefinition
{
    /// <summary>The report, or null when neither writes nor parameters changed.</summary>
    public static JsonObject? Of(RoomState before, ActionState old, ActionDefinition definition)
    {
        var writesChanged = Differ(old.Definition, definition, "writes");
        var paramsChanged = Differ(old.Definition, definition, "params");
        if (!writesChanged && !paramsChanged)
        {
            return null;
        }

        var count = before.Use(old.Id).Count;
        return new JsonObject
        {
            ["previous_registrant"] = old.Registrant,
            ["writes_changed"] = writesChanged,
            ["params_changed"] = paramsChanged,
            ["invocation_count"] = count,
            ["previous_writes"] = Part(old.Definition, "writes"),
            ["risk"] = count == 0 ? "low — action has not been invoked"
                : writesChanged ? "high — action has been invoked and write behavior changed"
                : "medium — action has been invoked and its parameters changed",
        };
    }

    private static bool Differ(ActionDefinition left, ActionDefinition right, string part) =>
        CanonicalJson.Version(JsonText.Of(Part(left, part))) != CanonicalJson.Version(JsonText.Of(Part(right, part)));

    private static JsonNode? Part(ActionDefinition definition, string part)
    {
        using var document = definition.Source.Parse();
        return document.RootElement.TryGetProperty(part, out var value) && value.ValueKind != JsonValueKind.Null
            ? JsonText.Of(value).ToNode()
            : part == "writes" ? new JsonArray() : new JsonObject();
    }
}
