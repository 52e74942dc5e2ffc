using System.Text.Json;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>An array of objects as columns and rows of text.</summary>
internal sealed record TableModel(IReadOnlyList<TableColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, int Hidden)
{
    private const int MostColumns = 8;

    /// <summary>Columns are the hint's, or the first rows' members in their order.</summary>
    public static TableModel Of(JsonElement value, JsonElement hint)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return new TableModel([], [], 0);
        }

        var items = value.EnumerateArray().ToList();
        var most = (int)Math.Clamp(hint.Number("max_rows") ?? 20, 1, 500);
        var columns = Declared(hint) ?? Found(items);
        var rows = items.Take(most).Select(item => (IReadOnlyList<string>)[.. columns.Select(column => Cell(item, column.Key))]).ToList();
        return new TableModel(columns, rows, items.Count - rows.Count);
    }

    private static List<TableColumn>? Declared(JsonElement hint)
    {
        if (!hint.TryGetProperty("columns", out var columns) || columns.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var declared = new List<TableColumn>();
        foreach (var column in columns.EnumerateArray())
        {
            var key = column.ValueKind == JsonValueKind.String ? column.GetString() : column.Text("key");
            if (key is not null)
            {
                declared.Add(new TableColumn(key, column.Text("label") ?? Label(key)));
            }
        }

        return declared.Count == 0 ? null : declared;
    }

    private static List<TableColumn> Found(List<JsonElement> items) =>
        [.. items.Take(20)
            .Where(item => item.ValueKind == JsonValueKind.Object)
            .SelectMany(item => item.EnumerateObject().Select(field => field.Name))
            .Distinct(StringComparer.Ordinal)
            .Take(MostColumns)
            .Select(key => new TableColumn(key, Label(key)))];

    private static string Cell(JsonElement item, string key) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(key, out var value) ? JsonLayout.Plain(value) : "";

    private static string Label(string key) => key.Length == 0 ? key : char.ToUpperInvariant(key[0]) + key[1..].Replace('_', ' ');
}

/// <summary>A column.</summary>
internal sealed record TableColumn(string Key, string Label)
{
    /// <summary>Whether its words are states, shown as tags.</summary>
    public bool IsStatus => Key is "status" or "state";
}

/// <summary>The colour of a word that names a state; words it does not know stay neutral.</summary>
internal static class Tone
{
    public static string Of(string word) => word.ToLowerInvariant() switch
    {
        "open" or "new" or "todo" or "queued" or "pending" => "tone-open",
        "claimed" or "running" or "working" or "in_progress" or "waiting" => "tone-busy",
        "review" or "in_review" or "proposed" => "tone-check",
        "done" or "active" or "ok" or "approved" or "completed" or "success" or "passed" => "tone-good",
        "failed" or "error" or "blocked" or "rejected" => "tone-bad",
        _ => "",
    };
}
