using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>A write template as a row of pickers.</summary>
/// <param name="Mode">Which of <see cref="Modes"/>.</param>
/// <param name="Scope">As text; empty stands for <c>_shared</c>.</param>
/// <param name="Key">As text.</param>
/// <param name="Value">As a person types it.</param>
internal sealed record WriteRow(string Mode, string Scope, string Key, string Value)
{
    /// <summary>The modes, with what each is called. All but <c>value</c> are named by their member.</summary>
    public static ImmutableArray<(string Mode, string Label)> Modes { get; } = [("value", "Sets"), ("merge", "Merges into"), ("increment", "Adds to"), ("append", "Appends to"), ("delete", "Deletes")];

    /// <summary>CEL that finds the scope, or null.</summary>
    public string? ScopeExpression { get; private init; }

    /// <summary>CEL that finds the key, or null.</summary>
    public string? KeyExpression { get; private init; }

    /// <summary>Whether there is something to write.</summary>
    public bool TakesValue => Mode != "delete";

    public static WriteRow Of(JsonObject template)
    {
        var mode = Modes.Select(mode => mode.Mode).FirstOrDefault(mode => mode != "value" && template.ContainsKey(mode)) ?? "value";
        var value = template[mode is "merge" or "increment" ? mode : "value"];
        return new WriteRow(mode, Plain(template["scope"]), Plain(template["key"]), mode == "increment" && value?.GetValueKind() == JsonValueKind.True ? "" : JsonPick.ValueText(value))
        {
            ScopeExpression = template["scope_expr"] is null ? null : Plain(template["scope_expr"]),
            KeyExpression = template["key_expr"] is null ? null : Plain(template["key_expr"]),
        };
    }

    /// <summary>A new one, which sets a key of the shared scope to a parameter.</summary>
    public static JsonObject New(string? parameter) => new() { ["scope"] = "_shared", ["key"] = "key", ["value"] = parameter is null ? JsonValue.Create(true) : JsonValue.Create($"${{params.{parameter}}}") };

    /// <summary>Changes what it does; its value goes along.</summary>
    public static void SetMode(JsonObject template, string? mode)
    {
        var before = Of(template);
        if (mode is null || mode == before.Mode)
        {
            return;
        }

        var value = template[before.Mode is "merge" or "increment" ? before.Mode : "value"]?.DeepClone();
        foreach (var (name, _) in Modes)
        {
            template.Remove(name);
        }

        switch (mode)
        {
            case "delete":
                template["delete"] = true;
                template.Remove("expr");
                break;
            case "append":
                template["append"] = true;
                template["value"] = value ?? JsonValue.Create("");
                break;
            case "increment":
                template["increment"] = value?.GetValueKind() is JsonValueKind.Number or JsonValueKind.String ? value : JsonValue.Create(true);
                break;
            case "merge":
                template["merge"] = value as JsonObject ?? [];
                break;
            default:
                template["value"] = value ?? JsonValue.Create("");
                break;
        }
    }

    /// <summary>Sets a member to text, or takes it out.</summary>
    public static void SetText(JsonObject template, string name, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            template.Remove(name);
        }
        else
        {
            template[name] = text.Trim();
        }
    }

    /// <summary>Sets what is written.</summary>
    public static void SetValue(JsonObject template, string? typed)
    {
        var mode = Of(template).Mode;
        template[mode is "merge" or "increment" ? mode : "value"] = JsonPick.Value(typed) ?? (mode == "increment" ? JsonValue.Create(true) : null);
    }

    private static string Plain(JsonNode? value) => value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : value is null ? "" : JsonPick.ValueText(value);
}
