using System.Text.Json;
using Sync.Cel.Tests;

namespace Sync.Web.Tests.Packs;

/// <summary>One line of the life of a pack: an agent does or sees something, leaves, or a person decides.</summary>
/// <param name="Json">The line.</param>
internal sealed record LifeStep(JsonElement Json)
{
    /// <summary>Who does it.</summary>
    public string? Agent => Text("as");

    /// <summary>The action that is invoked.</summary>
    public string? Action => Text("do");

    /// <summary>The expression whose value is to be <see cref="Expected"/>.</summary>
    public string? See => Text("see");

    public JsonElement Expected => Json.GetProperty("is");

    /// <summary>The code that the action is to be refused with.</summary>
    public string? Refused => Text("refused");

    /// <summary>The key that its first write is to have.</summary>
    public string? Key => Text("key");

    /// <summary>The name that the approval it asks for gets.</summary>
    public string? Pending => Text("pending");

    /// <summary>What a person decides of the approval of this name.</summary>
    public string? Decision => Text("person");

    public string? Approval => Text("approval");

    /// <summary>The agent that leaves.</summary>
    public string? Leaving => Text("remove");

    /// <summary>The parameters, with the approvals that were asked for in place of their names.</summary>
    public Dictionary<string, JsonElement> Params(IReadOnlyDictionary<string, string> approvals) =>
        Json.TryGetProperty("with", out var given)
            ? given.EnumerateObject().ToDictionary(static member => member.Name, member => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is ['$', .. var name] && approvals.TryGetValue(name, out var approval) ? JsonSerializer.SerializeToElement(approval) : member.Value)
            : [];

    /// <summary>The life of a pack: its agents and what happens.</summary>
    public static (IReadOnlyList<string> Agents, IReadOnlyList<LifeStep> Steps) ReadAll(string pack)
    {
        var life = JsonElement.Parse(File.ReadAllText(RepositoryFolder.At("Sync.Web.Tests", "Packs", "Lives", $"{pack}.json")));
        return ([.. life.GetProperty("agents").EnumerateArray().Select(static agent => agent.GetString()!)], [.. life.GetProperty("steps").EnumerateArray().Select(static step => new LifeStep(step))]); // Each is a text.
    }

    private string? Text(string name) => Json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
