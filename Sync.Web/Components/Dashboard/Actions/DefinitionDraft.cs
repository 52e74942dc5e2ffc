using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Http.Answers;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>
/// A definition of an action or a view under the pen: text fields that add up to the parameters of <c>_register_action</c> or <c>_register_view</c>. The engine checks it; a dry run of the
/// registration is the check.
/// </summary>
internal sealed class DefinitionDraft
{
    // Members of a definition that a registration takes and no field shows: saved as they are, or saving would lose them.
    private static readonly string[] s_kept = ["reach"];

    private readonly Dictionary<string, JsonElement> _others = new(StringComparer.Ordinal);

    private DefinitionDraft(string register, params IReadOnlyList<DraftField> fields)
    {
        Register = register;
        Fields = fields;
    }

    /// <summary>The built-in action that registers it.</summary>
    public string Register { get; }

    public IReadOnlyList<DraftField> Fields { get; }

    public DraftField Id => Fields[0];

    /// <summary>The expression whose value can be shown while it is written: a view's. Null for an action.</summary>
    public DraftField? Expression => Fields.FirstOrDefault(candidate => candidate.Name == "expr");

    /// <summary>The condition of an action, which is checked while it is written. Null for a view.</summary>
    public DraftField? Condition => Fields.FirstOrDefault(candidate => candidate.Name == "if");

    /// <summary>A field by its name.</summary>
    public DraftField this[string name] => Fields.First(field => field.Name == name);

    /// <summary>A new action.</summary>
    public static DefinitionDraft Action() => new(
        "_register_action",
        new("id", DraftKind.Text, "Id", "What it does, as a verb: approve_task."),
        new("description", DraftKind.Prose, "Description", "One line for who might use it."),
        new("params", DraftKind.Json, "Parameters", """A JSON object: {"title": {"type": "string", "required": true}}."""),
        new("writes", DraftKind.Json, "Writes", """A JSON list of templates: [{"scope": "_shared", "key": "${params.title}", "value": true}]."""),
        new("if", DraftKind.Cel, "Allowed when", "CEL; may use params and self. Empty: always."),
        new("enabled", DraftKind.Cel, "Shown when", "CEL without params. Empty: always."),
        new("result", DraftKind.Cel, "Result", "CEL over the room after the writes. Empty: none."),
        new("approve", DraftKind.Json, "Gate", """Somebody decides before it is done: {"by": "owner", "when": "params.amount > 100"}."""),
        new("lease", DraftKind.Json, "Lease", """The key its invoker must hold: "task:${params.id}", or {"take": "task:${params.id}"}."""),
        new("scope", DraftKind.Text, "Scope", "_shared, or self for an action that carries your authority."),
        new("timer", DraftKind.Json, "Timer", """When it lapses or appears: {"ms": 60000, "effect": "delete"}."""),
        new("on_invoke", DraftKind.Json, "After each use", """A cooldown: {"timer": {"ms": 5000, "effect": "enable"}}."""),
        new("shares", DraftKind.Json, "Shares with", """Actions that are meant to write the same places: ["complete_task"]."""));

    /// <summary>A new view.</summary>
    public static DefinitionDraft View() => new(
        "_register_view",
        new("id", DraftKind.Text, "Id", "What it shows, for example open_tasks."),
        new("expr", DraftKind.Cel, "Expression", "CEL over the room."),
        new("description", DraftKind.Prose, "Description", "One line for readers."),
        new("render", DraftKind.Json, "Drawn as", """Makes it a surface: {"type": "metric", "label": "Open tasks"}."""),
        new("enabled", DraftKind.Cel, "Shown when", "CEL. Empty: always."),
        new("scope", DraftKind.Text, "Scope", "_shared, or an agent's id for a view over its private state."),
        new("timer", DraftKind.Json, "Timer", """When it lapses or appears: {"ms": 60000, "effect": "delete"}."""));

    /// <summary>Fills the fields of an action that is there.</summary>
    public static DefinitionDraft Of(ActionModel action) => Action().Fill(action.Definition, action.Scope);

    /// <summary>Fills the fields of a view that is there.</summary>
    public static DefinitionDraft Of(ViewModel view) => View().Fill(view.Definition ?? "{}", view.Scope);

    /// <summary>The parameters of the registration; null when a field says what is wrong with it.</summary>
    public JsonElement? Read()
    {
        var definition = new JsonObject();
        var fits = true;
        foreach (var field in Fields)
        {
            field.Clear();
            fits &= field.WriteTo(definition);
        }

        foreach (var (name, value) in _others)
        {
            definition[name] = JsonSerializer.SerializeToNode(value);
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

        field.Error = error.HintFor(PageSteps.Instance) is { } hint ? $"{error.Message} {hint}" : error.Message;
        field.Caret = error.Details?["caret"]?.ToString();
        return true;
    }

    // A definition may say "self", which stands for its registrant. Saved by somebody else it would become theirs, so the scope is named.
    private DefinitionDraft Fill(string definition, string scope)
    {
        var json = JsonElement.Parse(definition);
        foreach (var field in Fields)
        {
            var given = json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field.Name, out var value) ? value : default;
            field.Fill(field.Name == "scope" && given.ValueKind == JsonValueKind.String ? JsonSerializer.SerializeToElement(scope) : given);
        }

        foreach (var member in json.ValueKind == JsonValueKind.Object ? json.EnumerateObject().Where(member => s_kept.Contains(member.Name)) : [])
        {
            _others[member.Name] = member.Value;
        }

        return this;
    }
}
