using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>Tells a registrant whose view they have replaced, and what changed for those who read it.</summary>
internal static class ViewRedefinition
{
    private static readonly string[] s_parts = ["expr", "scope", "description", "enabled", "render", "timer"];

    /// <summary>The report, or null for a view of one's own, and where nothing changed.</summary>
    public static JsonObject? Of(ViewDefinition old, ViewDefinition view, Actor actor)
    {
        if (old.Registrant == actor.Agent)
        {
            return null;
        }

        var (before, after) = (old.Source.ToElement(), view.Source.ToElement());
        var changed = s_parts.Where(part => Differ(Part(before, part), Part(after, part))).ToList();
        if (changed.Count == 0)
        {
            return null;
        }

        var report = new JsonObject
        {
            ["previous_registrant"] = old.Registrant,
            ["changed"] = new JsonArray([.. changed.Select(static part => (JsonNode)part)]),
        };

        // The expression of a view in somebody's private scope is for those who read that.
        if (changed.Contains("expr") && actor.VisibleScopes.Sees(old.Scope))
        {
            report["previous_expr"] = old.Expression.Source;
        }

        return report;
    }

    private static bool Differ(JsonNode? left, JsonNode? right) => CanonicalJson.Version(JsonText.Of(left)) != CanonicalJson.Version(JsonText.Of(right));

    private static JsonNode? Part(JsonElement definition, string part) =>
        definition.TryGetProperty(part, out var value) ? JsonText.Of(value).ToNode() : part == "scope" ? ReservedScopes.Shared : null;
}
