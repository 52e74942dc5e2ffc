using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>A value of the wrong type as the same value of the right one: <c>2</c> as <c>"2"</c>, <c>"true"</c> as <c>true</c>, one thing as a list of it. Only where nothing is lost.</summary>
internal static class ParamLiteral
{
    // What is longer is no hint any more.
    private const int MaxLength = 200;

    /// <summary>The JSON text to send instead, or null.</summary>
    /// <param name="value">What was sent.</param>
    /// <param name="type">The declared type.</param>
    /// <param name="itemsType">Of a list, the declared type of its items, or null.</param>
    public static string? Of(JsonElement value, string type, string? itemsType)
    {
        var text = Convert(value, type, itemsType)?.ToString();
        return text?.Length <= MaxLength ? text : null;
    }

    private static JsonText? Convert(JsonElement value, string type, string? itemsType) => (type, value.ValueKind) switch
    {
        ("string", JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False) => JsonText.Of(JsonValue.Create(value.GetRawText())),
        ("number" or "integer", JsonValueKind.String) => Inside(value, JsonValueKind.Number),
        ("boolean", JsonValueKind.String) => Inside(value, JsonValueKind.True) ?? Inside(value, JsonValueKind.False),
        ("object", JsonValueKind.String) => Inside(value, JsonValueKind.Object),
        ("array", JsonValueKind.Array) => ItemsOf(value, itemsType),
        ("array", JsonValueKind.String) when Inside(value, JsonValueKind.Array) is { } list => list,
        ("array", not JsonValueKind.Null) => ItemsOf(JsonText.Of(new JsonArray(JsonText.Of(value).ToNode())).ToElement(), itemsType),
        _ => null,
    };

    private static JsonText? ItemsOf(JsonElement list, string? itemsType)
    {
        if (itemsType is null)
        {
            return JsonText.Of(list);
        }

        var items = new JsonArray();
        foreach (var item in list.EnumerateArray())
        {
            if (ParamSpec.Fits(item, itemsType))
            {
                items.Add(JsonText.Of(item).ToNode());
            }
            else if (Convert(item, itemsType, itemsType: null) is { } converted)
            {
                items.Add(converted.ToNode());
            }
            else
            {
                return null;
            }
        }

        return JsonText.Of(items);
    }

    // The JSON that a text is.
    private static JsonText? Inside(JsonElement value, JsonValueKind kind)
    {
        var text = value.GetString()!; // It is a string.
        if (text.Length > MaxLength)
        {
            return null;
        }

        try
        {
            var inside = JsonElement.Parse(text.Trim());
            return inside.ValueKind == kind && (kind != JsonValueKind.Number || double.IsFinite(double.Parse(inside.GetRawText(), CultureInfo.InvariantCulture))) ? JsonText.Of(inside) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
