using System.Collections.Immutable;
using Sync.Engine;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>A line of the state table: a scope's heading or an entry.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Count">Entries of the scope, on its heading.</param>
/// <param name="Entry">The entry, or null on a heading.</param>
internal sealed record StateRow(string Scope, int Count, EntryPicture? Entry)
{
    /// <summary>
    /// All lines: <c>_shared</c> first, then the other shared scopes, then the private ones; within a scope by key. Of a filter's words each must occur in
    /// scope, key, value or writer.
    /// </summary>
    public static ImmutableArray<StateRow> List(ImmutableArray<EntryPicture> entries, string filter)
    {
        var words = filter.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var scopes = entries
            .Where(entry => words.All(word => Mentions(entry, word)))
            .GroupBy(entry => entry.Scope, StringComparer.Ordinal)
            .OrderBy(scope => scope.Key switch { "_shared" => 0, ['_', ..] => 1, _ => 2 })
            .ThenBy(scope => scope.Key, StringComparer.Ordinal);

        var rows = ImmutableArray.CreateBuilder<StateRow>(entries.Length);
        foreach (var scope in scopes)
        {
            var inScope = scope.OrderBy(entry => entry.Key, KeyOrder.Instance).ToList();
            rows.Add(new StateRow(scope.Key, inScope.Count, null));
            rows.AddRange(inScope.Select(entry => new StateRow(scope.Key, 0, entry)));
        }

        return rows.DrainToImmutable();
    }

    private static bool Mentions(EntryPicture entry, string word) =>
        entry.Scope.Contains(word, StringComparison.OrdinalIgnoreCase)
        || entry.Key.Contains(word, StringComparison.OrdinalIgnoreCase)
        || entry.Value.Contains(word, StringComparison.OrdinalIgnoreCase)
        || (entry.Writer?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false);

    /// <summary>Rows appended without a key are numbered: 2 comes before 10.</summary>
    private sealed class KeyOrder : IComparer<string>
    {
        public static KeyOrder Instance { get; } = new();

        public int Compare(string? x, string? y) =>
            long.TryParse(x, out var left) && long.TryParse(y, out var right) ? left.CompareTo(right) : string.CompareOrdinal(x, y);
    }
}
