using System.Text.Json;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>A view with a render hint, read once and then immutable.</summary>
internal sealed record Surface
{
    private const int LongText = 48;

    public required ViewModel View { get; init; }

    public required SurfaceKind Kind { get; init; }

    public required string Label { get; init; }

    /// <summary>Place on the board; views without one come last, by id.</summary>
    public required double Order { get; init; }

    /// <summary>Heading it stands under, or null.</summary>
    public required string? Group { get; init; }

    /// <summary>The render hint, an object.</summary>
    public required JsonElement Hint { get; init; }

    public required JsonElement Value { get; init; }

    /// <summary>Reads a view; null when it does not ask to be a surface.</summary>
    public static Surface? Read(ViewModel view)
    {
        if (view.Render is null || JsonLayout.Parse(view.Render) is not { ValueKind: JsonValueKind.Object } hint || hint.Flag("enabled") == false)
        {
            return null;
        }

        var value = JsonLayout.Parse(view.Value);
        return new Surface
        {
            View = view,
            Kind = Named(hint.Text("type")) ?? Inferred(value, hint),
            Label = Clip.OfName(Filled(hint.Text("label")) ?? Filled(view.Description) ?? view.Id),
            Order = hint.Number("order") ?? double.MaxValue,
            Group = Filled(hint.Text("group")) is { } group ? Clip.OfName(group) : null,
            Hint = hint,
            Value = value,
        };
    }

    /// <summary>Ids of the views a section gathers.</summary>
    public IReadOnlyList<string> Members() => [.. Hint.Names("views").Concat(Hint.Names("surfaces")).Distinct(StringComparer.Ordinal)];

    /// <summary>What a link that shows single surfaces leaves out of one of this kind, since it is of the room and not of its view; null when nothing.</summary>
    public static string? Beyond(SurfaceKind kind) => kind switch
    {
        SurfaceKind.Feed => "Its messages are not part of a shared view.",
        SurfaceKind.Watch => "Its entries are not part of a shared view.",
        SurfaceKind.ActionBar or SurfaceKind.ActionForm or SurfaceKind.ActionChoice => "Nothing can be done from a shared view.",
        _ => null,
    };

    /// <summary>Whether there is more of it to see than a card shows.</summary>
    public static bool IsEnlarged(Surface surface) => surface.Kind switch
    {
        SurfaceKind.Metric => surface.Hint.Flag("temporal") == true,
        SurfaceKind.Chart or SurfaceKind.Markdown or SurfaceKind.Json => true,
        SurfaceKind.ArrayTable or SurfaceKind.ViewGrid => surface.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object,
        SurfaceKind.ViewTable => SurfaceTable.IsWide(surface.Value),
        _ => false,
    };

    /// <summary>What a value without a type, or with one that is not known, is drawn as.</summary>
    public static SurfaceKind Inferred(JsonElement value, JsonElement hint)
    {
        // What the hint names says more than a value that is there only because a view needs one.
        if (hint.Items("actions").Count > 0)
        {
            return SurfaceKind.ActionBar;
        }

        if (hint.Text("action") is not null)
        {
            return hint.Text("param") is null ? SurfaceKind.ActionForm : SurfaceKind.ActionChoice;
        }

        if (hint.Names("keys").Count > 0)
        {
            return SurfaceKind.Watch;
        }

        if (hint.Names("views").Count > 0 || hint.Names("surfaces").Count > 0)
        {
            return SurfaceKind.Section;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString() is { } text && (text.Length > LongText || text.Contains('\n', StringComparison.Ordinal)) ? SurfaceKind.Markdown : SurfaceKind.Metric;
            case JsonValueKind.Array:
                var items = value.EnumerateArray().ToList();
                return items.Count >= 2 && items.TrueForAll(item => item.ValueKind == JsonValueKind.Number) ? SurfaceKind.Chart
                    : items.TrueForAll(item => item.ValueKind == JsonValueKind.Object) || items.TrueForAll(IsPlain) ? SurfaceKind.ArrayTable
                    : SurfaceKind.Json;
            case JsonValueKind.Object:
                var fields = value.EnumerateObject().Select(field => field.Value).ToList();
                return fields.TrueForAll(IsPlain) || fields.TrueForAll(field => field.ValueKind == JsonValueKind.Object) ? SurfaceKind.ViewTable : SurfaceKind.Json;
            default:
                return SurfaceKind.Metric;
        }
    }

    private static SurfaceKind? Named(string? type) => type switch
    {
        "metric" => SurfaceKind.Metric,
        "markdown" => SurfaceKind.Markdown,
        "feed" => SurfaceKind.Feed,
        "view-table" => SurfaceKind.ViewTable,
        "array-table" => SurfaceKind.ArrayTable,
        "view-grid" => SurfaceKind.ViewGrid,
        "action-bar" => SurfaceKind.ActionBar,
        "action-form" => SurfaceKind.ActionForm,
        "action-choice" => SurfaceKind.ActionChoice,
        "watch" => SurfaceKind.Watch,
        "section" => SurfaceKind.Section,
        "json" => SurfaceKind.Json,
        "chart" => SurfaceKind.Chart,
        _ => null,
    };

    private static bool IsPlain(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
