using MudBlazor;
using Sync.Engine.Identity.Administration;

namespace Sync.Web.Components.Admin;

/// <summary>What a grid asks for, as the engine is asked.</summary>
internal static class GridRequest
{
    /// <summary>The sizes of a page that can be chosen.</summary>
    public static int[] PageSizes { get; } = [25, 50, ListRequest<UserSort>.MaxTake];

    /// <summary>The page and the order of a grid.</summary>
    /// <param name="state">What the grid shows.</param>
    /// <param name="search">What names are to contain.</param>
    /// <param name="byProperty">What a column is sorted by, by the property that it shows.</param>
    /// <param name="usually">The order of a grid that is sorted by nothing.</param>
    public static ListRequest<TSort> Of<TRow, TSort>(GridState<TRow> state, string search, IReadOnlyDictionary<string, TSort> byProperty, (TSort Sort, bool Descending) usually)
        where TSort : struct, Enum
    {
        var sorted = state.SortDefinitions.OrderBy(static definition => definition.Index).FirstOrDefault();
        var (sort, descending) = sorted is not null && byProperty.TryGetValue(sorted.SortBy, out var by) ? (by, sorted.Descending) : usually;
        return new ListRequest<TSort> { Search = search, Sort = sort, Descending = descending, Skip = state.Page * state.PageSize, Take = state.PageSize };
    }
}
