using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Views;

/// <summary>What a render hint names: its type, and the actions, views and keys that it draws beside its value. What has the wrong form is left out, as a page leaves it out.</summary>
internal sealed record SurfaceHint
{
    /// <summary>The types that pages draw, with the fields that each has of its own.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> Types { get; } = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
    {
        ["metric"] = ["unit", "format", "color", "temporal", "view"],
        ["markdown"] = [],
        ["feed"] = ["limit", "kinds", "compose"],
        ["view-table"] = ["columns", "max_rows"],
        ["array-table"] = ["columns", "max_rows", "layout"],
        ["view-grid"] = ["max_rows"],
        ["action-bar"] = ["actions"],
        ["action-form"] = ["action"],
        ["action-choice"] = ["action", "param", "actions"],
        ["watch"] = ["keys"],
        ["section"] = ["views", "surfaces"],
        ["json"] = [],
        ["chart"] = ["kind"],
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The fields that every type has.</summary>
    public static ImmutableArray<string> CommonFields { get; } = ["type", "label", "order", "group", "enabled"];

    public static SurfaceHint Empty { get; } = new();

    public string? Type { get; private init; }

    /// <summary>The names of all fields of the hint.</summary>
    public ImmutableArray<string> Fields { get; private init; } = [];

    /// <summary>The fields that hold one value (<see cref="SurfaceField"/>), with it.</summary>
    public ImmutableArray<(string Field, JsonText Value)> Values { get; private init; } = [];

    /// <summary>Actions that it offers.</summary>
    public ImmutableArray<string> Actions { get; private init; } = [];

    /// <summary>The parameter that an <c>action-choice</c> fills, or null.</summary>
    public string? Param { get; private init; }

    /// <summary>Views that it gathers.</summary>
    public ImmutableArray<string> Views { get; private init; } = [];

    /// <summary>Keys that it watches: <c>scope.key</c> or <c>scope.*</c>.</summary>
    public ImmutableArray<string> Keys { get; private init; } = [];

    /// <summary>Columns that a table shows, by the member that each shows.</summary>
    public ImmutableArray<string> Columns { get; private init; } = [];

    public static SurfaceHint Read(JsonText? render)
    {
        if (render is not { Kind: JsonValueKind.Object } hint)
        {
            return Empty;
        }

        using var document = hint.Parse();
        var root = document.RootElement;
        return new SurfaceHint
        {
            Type = Text(root, "type"),
            Fields = [.. root.EnumerateObject().Select(static member => member.Name)],
            Values = [.. root.EnumerateObject().Where(static member => SurfaceField.All.ContainsKey(member.Name)).Select(static member => (member.Name, JsonText.Of(member.Value)))],
            Actions = [.. Names(root, "actions", "action").Concat(Text(root, "action") is { } action ? [action] : []).Distinct(StringComparer.Ordinal)],
            Param = Text(root, "param"),
            Views = [.. Names(root, "views", "id").Concat(Names(root, "surfaces", "id")).Distinct(StringComparer.Ordinal)],
            Keys = [.. Names(root, "keys", "key").Distinct(StringComparer.Ordinal)],
            Columns = [.. Names(root, "columns", "key").Distinct(StringComparer.Ordinal)],
        };
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // A list of names, or of objects of which one field is the name.
    private static IEnumerable<string> Names(JsonElement json, string name, string field) =>
        !json.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array ? []
        : list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() : item.ValueKind == JsonValueKind.Object ? Text(item, field) : null).OfType<string>().ToList();
}
