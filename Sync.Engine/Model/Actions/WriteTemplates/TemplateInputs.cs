using System.Text.Json;

namespace Sync.Engine.Model.Actions.WriteTemplates;

/// <summary>The values of placeholders in one invocation.</summary>
/// <param name="Params">Parameters by name, defaults filled in; one that was left out is not in it.</param>
/// <param name="Self">The invoking agent, or null for a caller that acts as none.</param>
/// <param name="Now">The time of the invocation.</param>
internal sealed record TemplateInputs(IReadOnlyDictionary<string, JsonElement> Params, string? Self, DateTimeOffset Now)
{
    /// <summary>The key of the action's first write, where that is known.</summary>
    public string? Key { get; init; }
}
