namespace Sync.Web.Components.Surfaces;

/// <summary>What part of a table its reader looks at, in which order. Immutable.</summary>
/// <param name="Sort">The column sorted by, or null for the order of the value.</param>
/// <param name="Descending">Whether the greatest come first.</param>
/// <param name="Text">Only rows that have it in some cell.</param>
/// <param name="Page">From zero.</param>
internal sealed record TableQuery(string? Sort = null, bool Descending = false, string Text = "", int Page = 0)
{
    /// <summary>A heading pressed: ascending, then descending, then as it was. The first page shows what came to the front.</summary>
    public TableQuery SortedBy(string column) => this with
    {
        Sort = Sort == column && Descending ? null : column,
        Descending = Sort == column && !Descending,
        Page = 0,
    };
}

/// <summary>Rows of a table as they are shown.</summary>
/// <param name="Rows">The page's.</param>
/// <param name="Matched">How many rows the filter leaves.</param>
/// <param name="Number">The page, from zero.</param>
/// <param name="Pages">How many there are, at least one.</param>
/// <param name="First">The place of the first row among those that matched, from one; zero when there is none.</param>
internal sealed record TablePage(IReadOnlyList<TableRow> Rows, int Matched, int Number, int Pages, int First)
{
    /// <summary>"21–40 of 132".</summary>
    public string Range => Rows.Count == 0 ? "0" : FormattableString.Invariant($"{First:N0}–{First + Rows.Count - 1:N0} of {Matched:N0}");
}

/// <summary>A row: its cells as text, cut to what the page can hold.</summary>
/// <param name="Item">What it shows.</param>
/// <param name="Cells">One for each column.</param>
internal sealed record TableRow(TableItem Item, IReadOnlyList<TableCell> Cells);

/// <summary>A cell.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Title">More of it for a tooltip, where it was cut.</param>
internal sealed record TableCell(string Text, string? Title);

/// <summary>An item of a list, or a member of an object under its key.</summary>
internal readonly record struct TableItem(string? Key, System.Text.Json.JsonElement Value);
