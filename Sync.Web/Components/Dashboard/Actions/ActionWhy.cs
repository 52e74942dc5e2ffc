using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Actions;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>Why an action can or cannot be invoked now: the engine's explanation as the panel draws it.</summary>
/// <param name="Available">Whether it can.</param>
/// <param name="Reason">The refusal that an invocation would meet, or null.</param>
/// <param name="Checks">Its conditions.</param>
internal sealed record ActionWhy(bool Available, SyncError? Reason, ImmutableArray<WhyCheck> Checks)
{
    public static ActionWhy Of(Explanation explanation) => new(
        explanation.IsAvailable,
        explanation.Reason,
        [.. new[] { ("Shown when", explanation.Enabled), ("Allowed when", explanation.If) }.Where(check => check.Item2 is not null).Select(check => WhyCheck.Of(check.Item1, check.Item2!))]); // Those that are there.

    /// <summary>The parts in a refusal's details.</summary>
    public static ImmutableArray<WhyPart> Parts(SyncError error) => error.Details?["parts"] is JsonArray parts ? WhyCheck.PartsOf(parts) : [];
}

/// <summary>A guard or a condition with its parts.</summary>
internal sealed record WhyCheck(string Title, string Expression, bool Holds, bool DependsOnParams, ImmutableArray<WhyPart> Parts)
{
    public static WhyCheck Of(string title, ExplainedCheck check) => new(title, check.Expression, check.Holds, !check.DependsOn.IsEmpty, PartsOf(check.Parts));

    public static ImmutableArray<WhyPart> PartsOf(JsonArray parts) => [.. parts.OfType<JsonObject>().Select(PartOf)];

    private static WhyPart PartOf(JsonObject part)
    {
        var expression = part["expression"]?.GetValue<string>() ?? "";
        if (!part.TryGetPropertyValue("value", out var value))
        {
            return new WhyPart(expression, part.ContainsKey("withheld") ? "not for you to see" : part.ContainsKey("elided") ? part["size"] is { } size ? $"a {part["type"]} of {size}" : "…" : part["depends_on"] is JsonArray awaited ? $"depends on {string.Join(", ", awaited)}" : "", Holds: null);
        }

        if (value is JsonObject broken && broken["_error"] is JsonValue error && error.GetValueKind() == JsonValueKind.String)
        {
            return new WhyPart(expression, error.GetValue<string>(), Holds: false);
        }

        var holds = value?.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => (bool?)null };
        return new WhyPart(expression, holds is { } known ? known ? "true" : "false" : JsonLayout.Plain(value), holds);
    }
}

/// <summary>A part of a guard with the value it had.</summary>
/// <param name="Expression">Its text.</param>
/// <param name="Value">The value, for reading.</param>
/// <param name="Holds">Whether it is true; null for what is neither true nor false.</param>
public sealed record WhyPart(string Expression, string Value, bool? Holds);
