using System.Text.Json;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>What a cell is sorted by: numbers by their value and before words, words in natural order. Null, missing and empty are no value.</summary>
internal readonly record struct TableSortKey(double? Number, string Text) : IComparable<TableSortKey>
{
    /// <summary>Whether there is nothing to sort by.</summary>
    public bool IsEmpty => Number is null && Text.Length == 0;

    public static TableSortKey Of(JsonElement? cell) => cell switch
    {
        { ValueKind: JsonValueKind.Number } number => new TableSortKey(number.GetDouble(), ""),
        { } value => new TableSortKey(null, Clip.Text(JsonLayout.Plain(value), Clip.Title)),
        null => new TableSortKey(null, ""),
    };

    /// <inheritdoc/>
    public int CompareTo(TableSortKey other) => (Number, other.Number) switch
    {
        ({ } mine, { } theirs) => mine.CompareTo(theirs),
        ({ }, null) => -1,
        (null, { }) => 1,
        _ => NaturalOrder.Instance.Compare(Text, other.Text),
    };
}
