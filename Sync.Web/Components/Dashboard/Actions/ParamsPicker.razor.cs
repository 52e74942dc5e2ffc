using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>Picks an action's parameters. Everything it does is a change of their JSON.</summary>
public sealed partial class ParamsPicker
{
    private const int Max = 40;
    private const string TypeMember = "type";
    private static readonly string[] s_types = ["any", "string", "number", "integer", "boolean", "array", "object"];

    /// <summary>The JSON.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>Told the new JSON.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> TextChanged { get; set; }

    /// <summary>Prefix of the fields' ids.</summary>
    [Parameter, EditorRequired]
    public required string Form { get; set; }

    // A declaration may be its type alone.
    private static JsonObject Spec(JsonNode? given) => given switch
    {
        JsonObject spec => spec,
        JsonValue type when type.GetValueKind() == JsonValueKind.String => new JsonObject { [TypeMember] = type.GetValue<string>() },
        _ => [],
    };

    private static string Plain(JsonNode? value) => value is JsonValue ? JsonLayout.Plain(value) : "";

    private static string Type(JsonObject spec) => Plain(spec[TypeMember]) is { Length: > 0 } type ? type : "any";

    private static string Choices(JsonObject spec) => spec["enum"] is JsonArray list ? string.Join(", ", list.Select(JsonPick.ValueText)) : "";

    private static JsonNode? Word(ChangeEventArgs args) => args.Value as string is { } text && !string.IsNullOrWhiteSpace(text) ? JsonValue.Create(text.Trim()) : null;

    // A whole list is taken as JSON, so that a choice may have a comma in it.
    private static JsonNode? List(ChangeEventArgs args)
    {
        var text = (args.Value as string)?.Trim() ?? "";
        var items = JsonPick.Value(text) as JsonArray ?? new JsonArray([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(JsonPick.Value)]);
        return items.Count == 0 ? null : items;
    }

    private Task TellAsync(JsonObject all) => TextChanged.InvokeAsync(JsonPick.Text(all));

    private Task SetAsync(JsonObject all, string name, string member, JsonNode? value)
    {
        var spec = Spec(all[name]?.DeepClone());
        if (value is null)
        {
            spec.Remove(member);
        }
        else
        {
            spec[member] = value;
        }

        all[name] = spec;
        return TellAsync(all);
    }

    private Task RenameAsync(JsonObject all, string name, string? wanted)
    {
        var to = wanted?.Trim() ?? "";
        return to.Length == 0 || all.ContainsKey(to)
            ? TellAsync(all)
            : TellAsync(new JsonObject(all.Select(member => KeyValuePair.Create(member.Key == name ? to : member.Key, member.Value?.DeepClone()))));
    }

    private Task RemoveAsync(JsonObject all, string name)
    {
        all.Remove(name);
        return TellAsync(all);
    }

    private Task AddAsync(JsonObject all)
    {
        var number = Enumerable.Range(1, all.Count + 1).First(n => !all.ContainsKey(n == 1 ? "value" : string.Create(CultureInfo.InvariantCulture, $"value{n}")));
        all[number == 1 ? "value" : string.Create(CultureInfo.InvariantCulture, $"value{number}")] = new JsonObject { [TypeMember] = "string", ["required"] = true };
        return TellAsync(all);
    }
}
