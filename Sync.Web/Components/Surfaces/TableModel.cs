using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>A list, or an object, as columns and rows of text.</summary>
internal sealed partial record TableModel(IReadOnlyList<TableColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, int Hidden)
{
    private const int MaxColumns = 8;
    private const int MaxDeclaredColumns = 30;
    private const int DefaultRows = 20;

    /// <summary>Columns are the hint's, or the first rows' members in their order. An object of objects has its keys as the first column, a list of plain values one column.</summary>
    public static TableModel Of(JsonElement value, JsonElement hint)
    {
        var items = Items(value);
        var max = (int)Math.Clamp(hint.Number("max_rows") ?? DefaultRows, 1, 500);
        var columns = Declared(hint) ?? Found(items);
        columns = [.. columns.Select(column => column with { IsNumber = IsNumber(items, column.Key) })];
        var rows = new List<IReadOnlyList<string>>();
        var characters = 0;
        foreach (var item in items.Take(max))
        {
            IReadOnlyList<string> row = [.. columns.Select(column => Cell(item, column.Key))];
            characters += row.Select((text, i) => Shown(columns[i], text).Length).Sum();
            if (rows.Count > 0 && characters > Clip.Surface)
            {
                break;
            }

            rows.Add(row);
        }

        return new TableModel(columns, rows, items.Count - rows.Count);
    }

    /// <summary>A cell's text for its column: cut where the column says so, or where it would be no cell any more.</summary>
    public static string Shown(TableColumn column, string text) =>
        column.Truncate is { } length && text.Length > length ? text[..Clip.End(text, length)].TrimEnd() + "…" : Clip.Text(text, column.Truncate is null ? Clip.Cell : Clip.Block);

    /// <summary>The tooltip of a cell that was cut.</summary>
    public static string? Title(TableColumn column, string text) => Shown(column, text).Length < text.Length ? Clip.OfTitle(text) : null;

    private static List<(string? Key, JsonElement Value)> Items(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray().Select(item => ((string?)null, item))],
        JsonValueKind.Object => [.. value.EnumerateObject().Select(field => ((string?)field.Name, field.Value))],
        JsonValueKind.Null or JsonValueKind.Undefined => [],
        _ => [(null, value)],
    };

    private static List<TableColumn>? Declared(JsonElement hint)
    {
        var declared = new List<TableColumn>();
        foreach (var column in hint.Items("columns").Take(MaxDeclaredColumns))
        {
            var key = column.ValueKind == JsonValueKind.String ? column.GetString() : column.Text("key");
            if (key is not null)
            {
                var truncate = column.Number("truncate") is >= 1 and <= 10_000 and var length ? (int?)length : null;
                declared.Add(new TableColumn(key, Clip.OfName(column.Text("label") ?? Label(key))) { Truncate = truncate, Width = Width(column) });
            }
        }

        return declared.Count == 0 ? null : declared;
    }

    private static List<TableColumn> Found(List<(string? Key, JsonElement Value)> items)
    {
        var columns = new List<TableColumn>();
        if (items.Exists(item => item.Key is not null))
        {
            columns.Add(new TableColumn(TableColumn.KeyColumn, "Key"));
        }

        columns.AddRange(items.Take(20)
            .Where(item => item.Value.ValueKind == JsonValueKind.Object)
            .SelectMany(item => item.Value.EnumerateObject().Select(field => field.Name))
            .Distinct(StringComparer.Ordinal)
            .Take(MaxColumns)
            .Select(key => new TableColumn(key, Clip.OfName(Label(key)))));
        if (items.Exists(item => item.Value.ValueKind != JsonValueKind.Object))
        {
            columns.Add(new TableColumn(TableColumn.ValueColumn, "Value"));
        }

        return columns;
    }

    // Numbers are read by their places, so they stand on the right; a cell without a value does not change that.
    private static bool IsNumber(List<(string? Key, JsonElement Value)> items, string column)
    {
        var kinds = items.Take(20).Select(item => Inner(item.Value, column)?.ValueKind ?? JsonValueKind.Null).Where(kind => kind != JsonValueKind.Null).ToList();
        return kinds.Count > 0 && kinds.TrueForAll(kind => kind == JsonValueKind.Number);
    }

    private static string Cell((string? Key, JsonElement Value) item, string column)
    {
        switch (column)
        {
            case TableColumn.KeyColumn:
                return item.Key ?? "";
            case TableColumn.ValueColumn:
                return item.Value.ValueKind == JsonValueKind.Object ? "" : JsonLayout.Plain(item.Value);
            default:
                return Inner(item.Value, column) is { } found ? JsonLayout.Plain(found) : column == "key" && item.Key is { } key ? key : "";
        }
    }

    private static JsonElement? Inner(JsonElement row, string column)
    {
        if (column == TableColumn.ValueColumn)
        {
            return row;
        }

        if (row.Member(column) is { } direct)
        {
            return direct;
        }

        // "owner.name" reaches into the row, where no member has that very name.
        JsonElement? inner = row;
        foreach (var part in column.Split('.', 6))
        {
            inner = inner?.Member(part);
        }

        return inner;
    }

    // A width goes into a style attribute, so it is a plain length or nothing.
    private static string? Width(JsonElement column) =>
        column.Number("width") is >= 1 and <= 2_000 and var pixels ? pixels.ToString("0.#", CultureInfo.InvariantCulture) + "px"
        : column.Text("width") is { } text && Length().IsMatch(text) ? text
        : null;

    private static string Label(string key) => key.Length == 0 ? key : char.ToUpperInvariant(key[0]) + key[1..].Replace('_', ' ');

    [GeneratedRegex(@"\A[0-9]{1,4}(\.[0-9]{1,2})?(px|%|rem|em|ch)\z")]
    private static partial Regex Length();
}

/// <summary>A column.</summary>
internal sealed record TableColumn(string Key, string Label)
{
    /// <summary>Stands for the key of an object's member.</summary>
    public const string KeyColumn = "\0key";

    /// <summary>Stands for a value that is no object.</summary>
    public const string ValueColumn = "\0value";

    /// <summary>Characters a cell shows at most, or null.</summary>
    public int? Truncate { get; init; }

    /// <summary>A CSS length, or null.</summary>
    public string? Width { get; init; }

    /// <summary>Whether all it holds are numbers.</summary>
    public bool IsNumber { get; init; }

    /// <summary>Whether its words are states, shown as tags.</summary>
    public bool IsStatus => Key is "status" or "state";
}
