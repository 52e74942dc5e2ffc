using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>Picks a view's render hint: its type, and what that type takes, from what the room has. Everything it does is a change of the hint's text.</summary>
public sealed partial class RenderPicker
{
    private const string Auto = "auto";

    /// <summary>The hint's JSON.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>Told the new JSON.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> TextChanged { get; set; }

    /// <summary>The room.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    /// <summary>The value that the view has as far as is known, as JSON.</summary>
    [Parameter]
    public string? Value { get; set; }

    /// <summary>Prefix of the fields' ids.</summary>
    [Parameter, EditorRequired]
    public required string Form { get; set; }

    // No hint is no surface; an empty one is drawn by its value.
    private string Picked(JsonObject hint) => string.IsNullOrWhiteSpace(Text) ? "" : Plain(hint, "type") is { Length: > 0 } type && RenderFields.Types.Any(known => known.Type == type) ? type : Auto;

    private static string Plain(JsonObject hint, string name) => hint[name] switch
    {
        JsonValue value => JsonLayout.Plain(value),
        _ => "",
    };

    private static IReadOnlyList<string> Names(JsonObject hint, string name) => hint[name] is JsonArray list ? [.. list.Select(NameOf).OfType<string>()] : [];

    // A column or a button may be an object that says more than its name.
    private static string? NameOf(JsonNode? item) => item switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonObject named => (named["key"] ?? named["action"] ?? named["id"]) is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null,
        _ => null,
    };

    private static JsonNode? Word(ChangeEventArgs args) => args.Value as string is { } text && !string.IsNullOrWhiteSpace(text) ? JsonValue.Create(text.Trim()) : null;

    private static JsonNode? Number(ChangeEventArgs args) =>
        double.TryParse(args.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : null;

    private IReadOnlyList<string> Offers(string member) => RenderOffers.Of(member, JsonLayout.Parse(Text), Value is null ? default : JsonLayout.Parse(Value), Model);

    private Task SetAsync(JsonObject hint, string name, JsonNode? value)
    {
        if (value is null)
        {
            hint.Remove(name);
        }
        else
        {
            hint[name] = value;
        }

        return TellAsync(hint);
    }

    private Task SetNamesAsync(JsonObject hint, string name, IReadOnlyList<string> names)
    {
        // What an item says besides its name stays with it.
        var items = hint[name] is JsonArray list ? list.ToList() : [];
        var chosen = names.Select(wanted => items.Find(item => NameOf(item) == wanted)?.DeepClone() ?? JsonValue.Create(wanted)).ToArray();
        return SetAsync(hint, name, chosen.Length == 0 ? null : new JsonArray(chosen));
    }

    private Task SetTypeAsync(JsonObject hint, string? type)
    {
        if (string.IsNullOrEmpty(type))
        {
            return TextChanged.InvokeAsync("");
        }

        // What the new type does not take would only be warned about.
        var taken = RenderFields.For(type).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var member in type == Auto ? [] : hint.Select(member => member.Key).Where(name => RenderFields.Known.Contains(name) && !taken.Contains(name)).ToList())
        {
            hint.Remove(member);
        }

        var ordered = new JsonObject();
        if (type != Auto)
        {
            ordered["type"] = type;
        }

        foreach (var (name, value) in hint.Where(member => member.Key != "type"))
        {
            ordered[name] = value?.DeepClone();
        }

        return TextChanged.InvokeAsync(ordered.Count == 0 ? "{}" : JsonPick.Text(ordered));
    }

    private Task TellAsync(JsonObject hint) => TextChanged.InvokeAsync(hint.Count == 0 ? "{}" : JsonPick.Text(hint));
}
