using System.Text.Json;
using Sync.Engine;

namespace Sync.Web.Components.Surfaces;

/// <summary>How a surface is drawn.</summary>
internal enum SurfaceKind
{
    Metric,
    Text,
    Table,
    Fields,
    Chart,
    Feed,
    Actions,
    Watch,
    Section,
    Json,
}

/// <summary>A view with a render hint, read once and then immutable.</summary>
internal sealed record Surface
{
    public required ViewPicture View { get; init; }

    public required SurfaceKind Kind { get; init; }

    public required string Label { get; init; }

    /// <summary>Place on the board; views without one come last, by id.</summary>
    public required double Order { get; init; }

    /// <summary>Heading it stands under, or null.</summary>
    public required string? Group { get; init; }

    /// <summary>The render hint, an object.</summary>
    public required JsonElement Hint { get; init; }

    public required JsonElement Value { get; init; }

    /// <summary>Reads a view; null when it asks not to be a surface.</summary>
    public static Surface? Read(ViewPicture view)
    {
        if (view.Render is null || JsonElement.Parse(view.Render) is not { ValueKind: JsonValueKind.Object } hint)
        {
            return null;
        }

        var value = JsonElement.Parse(view.Value);
        return new Surface
        {
            View = view,
            Kind = Named(hint.Text("type")) ?? Inferred(value),
            Label = hint.Text("label") ?? view.Description ?? view.Id,
            Order = hint.Number("order") ?? double.MaxValue,
            Group = hint.Text("group"),
            Hint = hint,
            Value = value,
        };
    }

    /// <summary>Names in a list of the hint: columns to keep, actions, keys, members of a section.</summary>
    public IReadOnlyList<string> Names(string property) =>
        Hint.TryGetProperty(property, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];

    /// <summary>Ids of the views a section gathers.</summary>
    public IReadOnlyList<string> Members() => [.. Names("views"), .. Names("surfaces")];

    private static SurfaceKind? Named(string? type) => type switch
    {
        "metric" => SurfaceKind.Metric,
        "markdown" => SurfaceKind.Text,
        "feed" => SurfaceKind.Feed,
        "array-table" => SurfaceKind.Table,
        "view-table" or "view-grid" => null, // One value: a table or fields, as its shape has it.
        "action-bar" or "action-form" or "action-choice" => SurfaceKind.Actions,
        "watch" => SurfaceKind.Watch,
        "section" => SurfaceKind.Section,
        "json" => SurfaceKind.Json,
        "chart" => SurfaceKind.Chart,
        _ => null,
    };

    private static SurfaceKind Inferred(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => SurfaceKind.Metric,
        JsonValueKind.String => value.GetString() is { Length: > 48 } ? SurfaceKind.Text : SurfaceKind.Metric,
        JsonValueKind.Array when value.GetArrayLength() > 0 && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object) => SurfaceKind.Table,
        JsonValueKind.Object when value.EnumerateObject().All(field => field.Value.ValueKind is not JsonValueKind.Object) => SurfaceKind.Fields,
        _ => SurfaceKind.Json,
    };
}

/// <summary>Optional members of a hint.</summary>
internal static class HintReading
{
    public static string? Text(this JsonElement hint, string name) =>
        hint.ValueKind == JsonValueKind.Object && hint.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static double? Number(this JsonElement hint, string name) =>
        hint.ValueKind == JsonValueKind.Object && hint.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
