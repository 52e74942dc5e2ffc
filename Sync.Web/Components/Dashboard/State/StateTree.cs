using System.Collections.Immutable;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>
/// The lines of the state, kept from one model to the next: <c>_shared</c> first, then the other shared scopes, then the private ones; within a scope by key. The order is worked
/// out anew only when keys come or go, and lines whose entry did not change are the same objects. On the page's dispatcher only.
/// </summary>
internal sealed class StateTree
{
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal);
    private ImmutableArray<EntryModel> _entries;
    private int[] _order = [];
    private StateRow[] _lines = [];
    private (string Filter, int Generation, ImmutableArray<EntryModel> Entries) _made = ("", -1, default);
    private ImmutableArray<StateRow> _rows = [];
    private int _generation;

    /// <summary>How often the order was worked out.</summary>
    public int Sortings { get; private set; }

    /// <summary>Opens or closes a scope.</summary>
    public void Toggle(string scope)
    {
        if (!_closed.Remove(scope))
        {
            _closed.Add(scope);
        }

        _generation++;
    }

    /// <summary>Closes exactly these scopes.</summary>
    public void CloseOnly(IEnumerable<string> scopes)
    {
        _closed.Clear();
        _closed.UnionWith(scopes);
        _generation++;
    }

    /// <summary>The scopes that are closed.</summary>
    public IEnumerable<string> Closed => _closed.Order(StringComparer.Ordinal);

    /// <summary>How many entries the filter takes, as of the lines made last.</summary>
    public int Taken { get; private set; }

    /// <summary>Whether a scope's entries are listed.</summary>
    public bool IsOpen(string scope) => !_closed.Contains(scope);

    /// <summary>All lines of a model's entries. Of a filter's words each must occur in scope, key, value or writer; with a filter every scope is open.</summary>
    public ImmutableArray<StateRow> Rows(ImmutableArray<EntryModel> entries, string filter)
    {
        if (_made == (filter, _generation, entries))
        {
            return _rows;
        }

        Take(entries);
        _made = (filter, _generation, entries);
        var words = filter.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var rows = ImmutableArray.CreateBuilder<StateRow>(_lines.Length + 8);
        Taken = 0;
        for (var i = 0; i < _lines.Length;)
        {
            var scope = _lines[i].Scope;
            var heading = rows.Count;
            var count = 0;
            rows.Add(_lines[i]);
            for (; i < _lines.Length && _lines[i].Scope == scope; i++)
            {
                if (words.Length > 0 && !words.All(word => Mentions(_lines[i].Entry!, word))) // Only entries are among the lines.
                {
                    continue;
                }

                count++;
                if (words.Length > 0 || IsOpen(scope))
                {
                    rows.Add(_lines[i]);
                }
            }

            Taken += count;
            if (count == 0)
            {
                rows.RemoveAt(heading);
            }
            else
            {
                rows[heading] = new StateRow(scope, count, null);
            }
        }

        return _rows = rows.DrainToImmutable();
    }

    private void Take(ImmutableArray<EntryModel> entries)
    {
        if (entries == _entries)
        {
            return;
        }

        if (!SameKeys(_entries, entries))
        {
            Sortings++;
            _order = [.. Enumerable.Range(0, entries.Length)];
            Array.Sort(_order, (a, b) => Compare(entries[a], entries[b]));
            _lines = new StateRow[entries.Length];
        }

        _entries = entries;
        for (var i = 0; i < _order.Length; i++)
        {
            var entry = entries[_order[i]];
            if (!ReferenceEquals(_lines[i]?.Entry, entry) && _lines[i]?.Entry != entry)
            {
                _lines[i] = new StateRow(entry.Scope, 0, entry);
            }
        }
    }

    private static bool SameKeys(ImmutableArray<EntryModel> before, ImmutableArray<EntryModel> now)
    {
        if (before.IsDefault || before.Length != now.Length)
        {
            return false;
        }

        for (var i = 0; i < now.Length; i++)
        {
            if (before[i].Key != now[i].Key || before[i].Scope != now[i].Scope)
            {
                return false;
            }
        }

        return true;
    }

    private static int Compare(EntryModel x, EntryModel y)
    {
        var scopes = Rank(x.Scope).CompareTo(Rank(y.Scope)) is not 0 and var rank ? rank : string.CompareOrdinal(x.Scope, y.Scope);
        if (scopes != 0)
        {
            return scopes;
        }

        // Rows appended without a key are numbered: 2 comes before 10.
        var left = long.TryParse(x.Key, out var a);
        var right = long.TryParse(y.Key, out var b);
        return left && right ? a.CompareTo(b) : left == right ? string.CompareOrdinal(x.Key, y.Key) : left ? -1 : 1;
    }

    private static int Rank(string scope) => scope switch { "_shared" => 0, ['_', ..] => 1, _ => 2 };

    private static bool Mentions(EntryModel entry, string word) =>
        entry.Scope.Contains(word, StringComparison.OrdinalIgnoreCase)
        || entry.Key.Contains(word, StringComparison.OrdinalIgnoreCase)
        || entry.Value.Contains(word, StringComparison.OrdinalIgnoreCase)
        || (entry.Writer?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false);
}
