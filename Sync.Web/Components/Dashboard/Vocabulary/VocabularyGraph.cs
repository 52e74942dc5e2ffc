using System.Collections.Immutable;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Vocabulary;

/// <summary>A node of the vocabulary's drawing.</summary>
/// <param name="Id">Its id within the drawing.</param>
/// <param name="Column">0 actions, 1 keys, 2 views.</param>
/// <param name="Row">Its place in the column.</param>
/// <param name="Label">What it is called.</param>
/// <param name="Contested">For keys: whether more than one action names it.</param>
internal sealed record VocabularyNode(string Id, int Column, double Row, string Label, bool Contested);

/// <summary>A line of the drawing, from left to right.</summary>
internal sealed record VocabularyEdge(VocabularyNode From, VocabularyNode To, bool Contested);

/// <summary>
/// The vocabulary as three columns: actions write keys, views read them. Each column is ordered by where its neighbours stand, which leaves few lines to cross.
/// </summary>
internal sealed record VocabularyGraph(ImmutableArray<VocabularyNode> Nodes, ImmutableArray<VocabularyEdge> Edges, int Rows)
{
    public static VocabularyGraph Of(RoomVocabulary vocabulary, IReadOnlyList<string> actions, IReadOnlyList<string> views)
    {
        var targets = vocabulary.Writes.Select(write => KeyName(write.Scope, write.Key, rows: true))
            .Concat(vocabulary.Reads.Where(read => !Covers(vocabulary, read)).Select(read => KeyName(read.Scope, read.Key, rows: false)))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        var contested = vocabulary.Writes.Where(write => write.Contested).Select(write => KeyName(write.Scope, write.Key, rows: true)).ToHashSet(StringComparer.Ordinal);

        var writes = vocabulary.Writes
            .Select(write => (From: write.Action, To: KeyName(write.Scope, write.Key, rows: true), write.Contested))
            .Where(write => actions.Contains(write.From))
            .Distinct()
            .ToList();
        var reads = vocabulary.Reads.Where(read => views.Contains(read.View)).SelectMany(read => Read(vocabulary, read)).Distinct().ToList();

        // Keys by the actions that write them, views by the keys they read, actions by their keys again.
        var left = actions.Order(StringComparer.Ordinal).ToList();
        var middle = Sorted(targets, left, writes.Select(write => (write.To, write.From)));
        left = Sorted(left, middle, writes.Select(write => (write.From, write.To)));
        middle = Sorted(targets, left, writes.Select(write => (write.To, write.From)));
        var right = Sorted([.. views.Order(StringComparer.Ordinal)], middle, reads.Select(read => (read.View, read.Key)));

        var rows = Math.Max(1, Math.Max(left.Count, Math.Max(middle.Count, right.Count)));
        var nodes = new Dictionary<(int, string), VocabularyNode>();
        Location(0, 'a', left);
        Location(1, 'k', middle);
        Location(2, 'v', right);
        return new VocabularyGraph(
            [.. nodes.Values],
            [
                .. writes.Select(write => new VocabularyEdge(nodes[(0, write.From)], nodes[(1, write.To)], write.Contested)),
                .. reads.Select(read => new VocabularyEdge(nodes[(1, read.Key)], nodes[(2, read.View)], Contested: false)),
            ],
            rows);

        void Location(int column, char letter, List<string> names)
        {
            // A shorter column is spread over the height of the longest, so that lines stay level.
            var stretch = names.Count == 0 ? 1 : Math.Min((double)rows / names.Count, 2.5);
            var top = (rows - (stretch * names.Count)) / 2;
            for (var i = 0; i < names.Count; i++)
            {
                nodes[(column, names[i])] = new VocabularyNode($"{letter}{i}", column, top + (stretch * (i + 0.5)), names[i], column == 1 && contested.Contains(names[i]));
            }
        }
    }

    /// <summary>The nodes that fit with all that hangs together with them directly, closed up; the whole where all fit.</summary>
    public VocabularyGraph Around(Func<VocabularyNode, bool> fits)
    {
        var chosen = Nodes.Where(fits).ToHashSet();
        if (chosen.Count == Nodes.Length)
        {
            return this;
        }

        var edges = Edges.Where(edge => chosen.Contains(edge.From) || chosen.Contains(edge.To)).ToList();
        var kept = chosen.Concat(edges.SelectMany(edge => (VocabularyNode[])[edge.From, edge.To])).ToHashSet();
        var rows = Enumerable.Range(0, 3).Max(column => kept.Count(node => node.Column == column));
        var moved = new Dictionary<VocabularyNode, VocabularyNode>();
        foreach (var column in Nodes.Where(kept.Contains).GroupBy(node => node.Column))
        {
            var nodes = column.OrderBy(node => node.Row).ToList();
            for (var i = 0; i < nodes.Count; i++)
            {
                moved[nodes[i]] = nodes[i] with { Row = ((rows - nodes.Count) / 2.0) + i + 0.5 };
            }
        }

        return new VocabularyGraph(
            [.. Nodes.Where(kept.Contains).Select(node => moved[node])],
            [.. edges.Select(edge => edge with { From = moved[edge.From], To = moved[edge.To] })],
            rows);
    }

    /// <summary>Names of a node's neighbours, for a sentence.</summary>
    public IEnumerable<string> Neighbours(VocabularyNode node, bool left) =>
        left ? Edges.Where(edge => edge.To == node).Select(edge => edge.From.Label) : Edges.Where(edge => edge.From == node).Select(edge => edge.To.Label);

    private static string KeyName(string? scope, string? key, bool rows) => $"{scope ?? "self"} / {key ?? (rows ? "+ row" : "*")}";

    // A whole scope is read by reading each of its known targets; only a scope that nothing writes stands for itself.
    private static bool Covers(RoomVocabulary vocabulary, VocabularyRead read) => read.Key is null && vocabulary.Writes.Any(write => write.Scope == read.Scope);

    private static IEnumerable<(string View, string Key)> Read(RoomVocabulary vocabulary, VocabularyRead read)
    {
        var exact = KeyName(read.Scope, read.Key, rows: false);
        if (!Covers(vocabulary, read))
        {
            yield return (read.View, exact);
        }

        foreach (var write in vocabulary.Writes.Where(write => write.Scope == read.Scope && (read.Key is null || (write.Key is { } key && key != read.Key && Fits(key, read.Key)))))
        {
            yield return (read.View, KeyName(write.Scope, write.Key, rows: true));
        }
    }

    // A templated key may come to be the one that is read: its literal ends tell.
    private static bool Fits(string template, string key)
    {
        var open = template.IndexOf("${", StringComparison.Ordinal);
        return open >= 0 && open + template.Length - template.LastIndexOf('}') - 1 <= key.Length
            && key.StartsWith(template[..open], StringComparison.Ordinal)
            && key.EndsWith(template[(template.LastIndexOf('}') + 1)..], StringComparison.Ordinal)
            && (open > 0 || template.LastIndexOf('}') < template.Length - 1);
    }

    private static List<string> Sorted(List<string> names, List<string> neighbours, IEnumerable<(string Name, string Neighbour)> edges)
    {
        var places = neighbours.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        var centres = edges.GroupBy(edge => edge.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Average(edge => places[edge.Neighbour]), StringComparer.Ordinal);
        return [.. names.OrderBy(name => centres.GetValueOrDefault(name, double.MaxValue)).ThenBy(name => name, StringComparer.Ordinal)];
    }
}
