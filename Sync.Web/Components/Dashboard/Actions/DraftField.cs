using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What kind of text a field of a definition holds.</summary>
internal enum DraftKind
{
    Text,
    Prose,
    Cel,
    Json,
}

/// <summary>One field of a definition under the pen.</summary>
internal sealed class DraftField(string name, DraftKind kind, string label, string help)
{
    private JsonElement _given;
    private string _filled = "";

    public string Name { get; } = name;

    public DraftKind Kind { get; } = kind;

    public string Label { get; } = label;

    public string Help { get; } = help;

    /// <summary>Whether most definitions do without it: it stands under "More".</summary>
    public bool IsRare => Name is "enabled" or "scope" or "timer" or "on_invoke" or "shares" or "lease" or "result";

    public string Text { get; set; } = "";

    /// <summary>What is wrong with it, or null.</summary>
    public string? Error { get; set; }

    /// <summary>The engine's mark under the place in an expression, or null.</summary>
    public string? Caret { get; set; }

    /// <summary>Nothing is wrong with it any more.</summary>
    public void Clear() => Error = Caret = null;

    /// <summary>Fills it with what a definition has there; the default where it has nothing.</summary>
    public void Fill(JsonElement given)
    {
        _given = given;
        Text = _filled = given.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            JsonValueKind.String when Kind != DraftKind.Json => given.GetString()!, // A string has one.
            _ => JsonLayout.Indent(given.GetRawText(), int.MaxValue), // What is edited is there in full, or saving would cut it.
        };
    }

    /// <summary>Adds its value to a definition. False when it says what is wrong with it.</summary>
    public bool WriteTo(JsonObject definition)
    {
        if (Text == _filled && _given.ValueKind != JsonValueKind.Undefined)
        {
            // Untouched: as it was given, to the last space.
            definition[Name] = JsonNode.Parse(_given.GetRawText());
        }
        else if (!string.IsNullOrWhiteSpace(Text))
        {
            (definition[Name], Error) = Kind == DraftKind.Json ? JsonInput.Read(Text) : (Text.Trim(), null);
        }

        return Error is null;
    }
}
