using System.Text.Json;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>Items of a list, or members of an object, as cards: a title, perhaps a state, and the other members.</summary>
internal sealed record GridModel(IReadOnlyList<GridCard> Cards, int Hidden)
{
    private const int MaxFields = 8;
    private static readonly string[] s_titles = ["title", "name", "label", "id", "key", "task"];

    /// <param name="value">The value.</param>
    /// <param name="hint">The render hint.</param>
    /// <param name="pages">How many times its <c>max_rows</c> to show.</param>
    public static GridModel Of(JsonElement value, JsonElement hint, int pages = 1)
    {
        var max = (int)Math.Clamp(hint.Number("max_rows") ?? 60, 1, 500) * Math.Max(pages, 1);
        List<(string? Key, JsonElement Value)> items = value.ValueKind switch
        {
            JsonValueKind.Array => [.. value.EnumerateArray().Select(item => ((string?)null, item))],
            JsonValueKind.Object => [.. value.EnumerateObject().Select(field => ((string?)field.Name, field.Value))],
            JsonValueKind.Null or JsonValueKind.Undefined => [],
            _ => [(null, value)],
        };
        var cards = new List<GridCard>();
        var characters = 0;
        foreach (var card in items.Take(max).Select(Card))
        {
            characters += card.Title.Length + card.Fields.Sum(field => field.Key.Length + Math.Min(field.Value.Length, Clip.Cell));
            if (cards.Count > 0 && characters > (long)Clip.Surface * pages)
            {
                break;
            }

            cards.Add(card);
        }

        return new GridModel(cards, items.Count - cards.Count);
    }

    private static GridCard Card((string? Key, JsonElement Value) item)
    {
        if (item.Value.ValueKind != JsonValueKind.Object)
        {
            var text = JsonLayout.Plain(item.Value);
            return item.Key is { } name ? new GridCard(Clip.Text(name, Clip.Cell), null, [new("", text)]) : new GridCard(Clip.Text(text, Clip.Cell), null, []);
        }

        var titled = item.Key is null ? s_titles.FirstOrDefault(name => item.Value.Member(name) is { ValueKind: JsonValueKind.String or JsonValueKind.Number }) : null;
        var status = item.Value.Text("status") is not null ? "status" : item.Value.Text("state") is not null ? "state" : null;
        var fields = item.Value.EnumerateObject()
            .Where(field => field.Name != titled && field.Name != status)
            .Take(MaxFields)
            .Select(field => KeyValuePair.Create(Clip.OfName(field.Name), JsonLayout.Plain(field.Value)))
            .Where(field => field.Value.Length > 0)
            .ToList();
        var title = item.Key ?? (titled is null ? "" : JsonLayout.Plain(item.Value.GetProperty(titled)));
        return new GridCard(Clip.Text(title, Clip.Cell), status is null ? null : item.Value.Text(status), fields);
    }
}

/// <summary>A card.</summary>
internal sealed record GridCard(string Title, string? Status, IReadOnlyList<KeyValuePair<string, string>> Fields);
