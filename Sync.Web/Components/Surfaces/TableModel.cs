using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// A list, or an object, as columns and rows of text. Read once for a value; which rows are shown, in which order, is asked of it with a <see cref="TableQuery"/>. Cells become text only where they are
/// shown, sorted by or looked through.
/// </summary>
/// <param name="Columns">The columns.</param>
/// <param name="Items">The rows as they stand in the value.</param>
/// <param name="Beyond">How many more the value has than a page looks at.</param>
internal sealed partial record TableModel(IReadOnlyList<TableColumn> Columns, IReadOnlyList<TableItem> Items, int Beyond)
{
    private const int MaxItems = 10_000;
    private const int MaxColumns = 8;
    private const int MaxDeclaredColumns = 30;
    private const int DefaultRows = 20;
    private const int MaxRows = 500;

    // What a page of a table may hold: cells, and characters in them and in their tooltips.
    private const int MaxCells = 1_000;
    private const int MaxCharacters = 24_000;
    private const int MaxTitles = 24_000;
    private const int ShortestCell = 12;

    /// <summary>Rows of a page.</summary>
    public int PageSize { get; private init; } = DefaultRows;

    /// <summary>Columns are the hint's, or the first rows' members in their order. An object of objects has its keys as the first column, a list of plain values one column.</summary>
    /// <param name="value">The value.</param>
    /// <param name="hint">The render hint.</param>
    /// <param name="rows">Rows of a page; null takes the hint's <c>max_rows</c>.</param>
    public static TableModel Of(JsonElement value, JsonElement hint, int? rows = null)
    {
        var all = AllItems(value);
        var items = all.Count <= MaxItems ? all : all[..MaxItems];
        var columns = Declared(hint) ?? Found(items);
        columns = [.. columns.Select(column => column with { IsNumber = IsNumber(items, column.Key) })];
        var wanted = (int)Math.Clamp(rows ?? hint.Number("max_rows") ?? DefaultRows, 1, MaxRows);
        return new TableModel(columns, items, all.Count - items.Count) { PageSize = Math.Clamp(wanted, 1, Math.Max(10, MaxCells / Math.Max(columns.Count, 1))) };
    }

    /// <summary>The rows that a reader asks for.</summary>
    public TablePage Read(TableQuery query)
    {
        var text = query.Text.Trim();
        var matched = text.Length == 0 ? Items : [.. Items.Where(item => Columns.Any(column => Plain(item, column.Key).Contains(text, StringComparison.OrdinalIgnoreCase)))];
        if (Columns.FirstOrDefault(column => column.Key == query.Sort) is { } sorted)
        {
            // Sorting is stable, and what has no value comes last either way.
            var keyed = matched.Select(item => (Item: item, Key: TableSortKey.Of(Cell(item, sorted.Key))));
            matched = [.. (query.Descending ? keyed.OrderBy(row => row.Key.IsEmpty).ThenByDescending(row => row.Key) : keyed.OrderBy(row => row.Key.IsEmpty).ThenBy(row => row.Key)).Select(row => row.Item)];
        }

        var pages = Math.Max(1, (matched.Count + PageSize - 1) / PageSize);
        var number = Math.Clamp(query.Page, 0, pages - 1);
        var shown = matched.Skip(number * PageSize).Take(PageSize).ToList();
        return new TablePage(Rows(shown), matched.Count, number, pages, shown.Count == 0 ? 0 : number * PageSize + 1);
    }

    /// <summary>A cell's text for its column: cut where the column says so, or where it would be no cell any more.</summary>
    public static string Shown(TableColumn column, string text, int max = Clip.Cell) =>
        column.Truncate is { } length && text.Length > length && length <= max ? text[..Clip.End(text, length)].TrimEnd() + "…" : Clip.Text(text, max);

    // Many cells are short ones: all rows of a page are there, and what was cut is in the tooltip as far as it goes.
    private List<TableRow> Rows(List<TableItem> items)
    {
        var cells = Math.Max(1, items.Count * Columns.Count);
        var longest = Math.Clamp(MaxCharacters / cells, ShortestCell, Clip.Block);
        var title = Math.Min(Clip.Title, MaxTitles / cells);
        return
        [
            .. items.Select(item => new TableRow(item, [.. Columns.Select(column =>
            {
                var text = Plain(item, column.Key);
                var shown = Shown(column, text, column.Truncate is null ? Math.Min(longest, Clip.Cell) : longest);
                return new TableCell(shown, shown.Length < text.Length && title > longest ? Clip.Text(text, title) : null);
            })])),
        ];
    }

    private static List<TableItem> AllItems(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray().Select(item => new TableItem(null, item))],
        JsonValueKind.Object => [.. value.EnumerateObject().Select(field => new TableItem(field.Name, field.Value))],
        JsonValueKind.Null or JsonValueKind.Undefined => [],
        _ => [new TableItem(null, value)],
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

    private static List<TableColumn> Found(List<TableItem> items)
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
    private static bool IsNumber(List<TableItem> items, string column)
    {
        var kinds = items.Take(20).Select(item => Inner(item.Value, column)?.ValueKind ?? JsonValueKind.Null).Where(kind => kind != JsonValueKind.Null).ToList();
        return kinds.Count > 0 && kinds.TrueForAll(kind => kind == JsonValueKind.Number);
    }

    private static string Plain(TableItem item, string column) => column switch
    {
        TableColumn.KeyColumn => item.Key ?? "",
        TableColumn.ValueColumn when item.Value.ValueKind == JsonValueKind.Object => "",
        _ => Cell(item, column) is { } found ? JsonLayout.Plain(found) : column == "key" && item.Key is { } key ? key : "",
    };

    // A key is text that is no value of its own.
    private static JsonElement? Cell(TableItem item, string column) =>
        column == TableColumn.KeyColumn || (column == "key" && item.Key is not null && Inner(item.Value, column) is null)
            ? JsonSerializer.SerializeToElement(item.Key)
            : Inner(item.Value, column);

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
