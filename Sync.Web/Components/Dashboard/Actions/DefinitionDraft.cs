using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What kind of text a field of a definition holds.</summary>
internal enum DraftKind
{
    Text,
    Cel,
    Json,
}

/// <summary>One field of a definition under the pen.</summary>
internal sealed class DraftField(string name, DraftKind kind, string label, string help)
{
    public string Name { get; } = name;

    public DraftKind Kind { get; } = kind;

    public string Label { get; } = label;

    public string Help { get; } = help;

    public string Text { get; set; } = "";

    /// <summary>What is wrong with it, or null.</summary>
    public string? Error { get; set; }

    /// <summary>The engine's mark under the place in an expression, or null.</summary>
    public string? Caret { get; set; }
}

/// <summary>
/// A definition of an action or a view under the pen: text fields that add up to the parameters of <c>_register_action</c> or <c>_register_view</c>. The engine checks it; a dry run of the
/// registration is the check.
/// </summary>
internal sealed class DefinitionDraft
{
    private DefinitionDraft(string register, string delete, params IReadOnlyList<DraftField> fields)
    {
        Register = register;
        Delete = delete;
        Fields = fields;
    }

    /// <summary>The built-in action that registers it.</summary>
    public string Register { get; }

    /// <summary>The built-in action that deletes it.</summary>
    public string Delete { get; }

    public IReadOnlyList<DraftField> Fields { get; }

    public DraftField Id => Fields[0];

    /// <summary>A new action.</summary>
    public static DefinitionDraft Action() => new(
        "_register_action",
        "_delete_action",
        new("id", DraftKind.Text, "Id", "What it does, as a verb: approve_task."),
        new("description", DraftKind.Text, "Description", "One line for who might use it."),
        new("params", DraftKind.Json, "Parameters", """A JSON object: {"title": {"type": "string", "required": true}}."""),
        new("writes", DraftKind.Json, "Writes", """A JSON list of templates: [{"scope": "_shared", "key": "${params.title}", "value": true}]."""),
        new("if", DraftKind.Cel, "Allowed when", "CEL; may use params and self. Empty: always."),
        new("enabled", DraftKind.Cel, "Shown when", "CEL without params. Empty: always."),
        new("result", DraftKind.Cel, "Result", "CEL over the room after the writes. Empty: none."),
        new("scope", DraftKind.Text, "Scope", "_shared, or self for an action that carries your authority."),
        new("timer", DraftKind.Json, "Timer", """When it lapses or appears: {"ms": 60000, "effect": "delete"}."""),
        new("on_invoke", DraftKind.Json, "After each use", """A cooldown: {"timer": {"ms": 5000, "effect": "enable"}}."""));

    /// <summary>A new view.</summary>
    public static DefinitionDraft View() => new(
        "_register_view",
        "_delete_view",
        new("id", DraftKind.Text, "Id", "What it tells: open_tasks."),
        new("expr", DraftKind.Cel, "Expression", "CEL over the room."),
        new("description", DraftKind.Text, "Description", "One line for readers."),
        new("render", DraftKind.Json, "Drawn as", """Makes it a surface: {"type": "metric", "label": "Open tasks"}."""),
        new("enabled", DraftKind.Cel, "Shown when", "CEL. Empty: always."),
        new("scope", DraftKind.Text, "Scope", "_shared, or an agent's id for a view over its private state."),
        new("timer", DraftKind.Json, "Timer", """When it lapses or appears: {"ms": 60000, "effect": "delete"}."""));

    /// <summary>Fills the fields from a definition's JSON.</summary>
    public DefinitionDraft From(string definition)
    {
        var json = JsonElement.Parse(definition);
        foreach (var field in Fields)
        {
            field.Text = json.Member(field.Name) switch
            {
                null or { ValueKind: JsonValueKind.Null } => "",
                { ValueKind: JsonValueKind.String } text when field.Kind != DraftKind.Json => text.GetString()!,
                { } value => JsonLayout.Indent(value.GetRawText()),
            };
        }

        return this;
    }

    /// <summary>Fills the fields from a view.</summary>
    public DefinitionDraft From(ViewPicture view)
    {
        Set("id", view.Id);
        Set("expr", view.Expression);
        Set("description", view.Description);
        Set("scope", view.Scope);
        Set("render", view.Render is null ? null : JsonLayout.Indent(view.Render));
        return this;
    }

    /// <summary>The parameters of the registration; null when a field says what is wrong with it.</summary>
    public JsonElement? Read()
    {
        var definition = new JsonObject();
        var fits = true;
        foreach (var field in Fields)
        {
            field.Error = field.Caret = null;
            if (string.IsNullOrWhiteSpace(field.Text))
            {
                continue;
            }

            if (field.Kind != DraftKind.Json)
            {
                definition[field.Name] = field.Text.Trim();
                continue;
            }

            (var value, field.Error) = JsonInput.Read(field.Text);
            fits &= field.Error is null;
            definition[field.Name] = value;
        }

        return fits ? JsonSerializer.SerializeToElement(definition) : null;
    }

    /// <summary>Puts a refusal beside the field it is about. False when it is about none.</summary>
    public bool Blame(SyncError error)
    {
        var named = error.Details?["field"]?.GetValue<string>() ?? error.Details?["param"]?.GetValue<string>();
        var field = named is null ? null : Fields.FirstOrDefault(candidate => named == candidate.Name || named.StartsWith(candidate.Name + ".", StringComparison.Ordinal) || named.StartsWith(candidate.Name + "[", StringComparison.Ordinal));
        if (field is null)
        {
            return false;
        }

        field.Error = error.Hint is null ? error.Message : $"{error.Message} {error.Hint}";
        field.Caret = error.Details?["caret"]?.ToString();
        return true;
    }

    private void Set(string name, string? text)
    {
        if (Fields.FirstOrDefault(field => field.Name == name) is { } field)
        {
            field.Text = text ?? "";
        }
    }
}
