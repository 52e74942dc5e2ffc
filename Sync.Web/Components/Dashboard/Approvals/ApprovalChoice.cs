using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Components.Dashboard.Approvals;

/// <summary>What a person has decided on an approval.</summary>
/// <param name="Decision"><c>accept edit reject</c>.</param>
/// <param name="Note">What they say, or null.</param>
/// <param name="Params">The parameters to accept it with instead, or null.</param>
public sealed record ApprovalChoice(string Decision, string? Note, JsonElement? Params)
{
    /// <summary>The parameters of <c>_decide</c>.</summary>
    /// <param name="approval">The approval's id.</param>
    /// <param name="writesVersion">Names the writes that the person has before them, or null.</param>
    public JsonElement ToParams(string approval, string? writesVersion)
    {
        var node = new JsonObject { ["approval"] = approval, ["decision"] = Decision };
        if (Note is not null)
        {
            node["note"] = Note;
        }

        if (Params is { } parameters)
        {
            node["params"] = JsonObject.Create(parameters);
        }

        if (Decision == "accept" && writesVersion is not null)
        {
            node["writes_version"] = writesVersion;
        }

        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>Parameters that a person has written; null for what is no JSON object.</summary>
    public static JsonElement? ParamsOf(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            // What was typed is looked at as it is typed.
            return null;
        }
    }
}
