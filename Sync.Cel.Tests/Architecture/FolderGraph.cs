namespace Sync.Cel.Tests.Architecture;

/// <summary>
/// The top folders of a project and the arrows between them. A type's folder is the first part of its namespace after the project's own; a type of the project's namespace itself is of the
/// folder "". Types of other namespaces, which generators write, and of none are of no folder.
/// </summary>
internal sealed class FolderGraph
{
    private readonly Dictionary<(string From, string To), List<TypeUse>> _arrows = [];

    public FolderGraph(string project, IEnumerable<TypeUse> uses)
    {
        foreach (var use in uses)
        {
            if (FolderOf(project, use.From) is { } from && FolderOf(project, use.To) is { } to && from != to)
            {
                if (!_arrows.TryGetValue((from, to), out var known))
                {
                    _arrows[(from, to)] = known = [];
                }

                known.Add(use);
            }
        }
    }

    /// <summary>How many folders use another.</summary>
    public int Arrows => _arrows.Count;

    /// <summary>All folders that have arrows.</summary>
    public IReadOnlyCollection<string> Folders => [.. _arrows.Keys.SelectMany(static arrow => new[] { arrow.From, arrow.To }).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The arrows that do not go down, each with one use: those from a layer to one above it, and those between layers that do not know each other.</summary>
    /// <param name="layers">Every folder, the lowest first.</param>
    /// <param name="strangers">Pairs that do not know each other.</param>
    public IReadOnlyList<string> NotDown(IReadOnlyList<string> layers, params IReadOnlyCollection<(string One, string Other)> strangers)
    {
        var heights = layers.Select(static (layer, height) => (layer, height)).ToDictionary(static pair => pair.layer, static pair => pair.height);
        return
        [
            .. _arrows.Keys
                .Where(arrow => !heights.TryGetValue(arrow.From, out var from) || !heights.TryGetValue(arrow.To, out var to) || from < to
                    || strangers.Contains((arrow.From, arrow.To)) || strangers.Contains((arrow.To, arrow.From)))
                .Order()
                .SelectMany(Told),
        ];
    }

    /// <summary>The arrows that are part of a circle, each with its uses.</summary>
    public IReadOnlyList<string> Circles() => [.. _arrows.Keys.Where(arrow => Reaches(arrow.To, arrow.From)).Order().SelectMany(Told)];

    private IEnumerable<string> Told((string From, string To) arrow) =>
        _arrows[arrow].Select(use => $"{Named(arrow.From)} -> {Named(arrow.To)}: {use.From}.{use.Member} uses {use.To}").Distinct().Order(StringComparer.Ordinal);

    private bool Reaches(string start, string end)
    {
        var seen = new HashSet<string> { start };
        var next = new Queue<string>(seen);
        while (next.TryDequeue(out var folder))
        {
            if (folder == end)
            {
                return true;
            }

            foreach (var (_, to) in _arrows.Keys.Where(arrow => arrow.From == folder && seen.Add(arrow.To)))
            {
                next.Enqueue(to);
            }
        }

        return false;
    }

    private static string Named(string folder) => folder.Length == 0 ? "(root)" : folder;

    private static string? FolderOf(string project, string type)
    {
        var space = type.LastIndexOf('.') is >= 0 and var dot ? type[..dot] : "";
        return space == project ? ""
            : space.StartsWith(project + ".", StringComparison.Ordinal) ? space[(project.Length + 1)..].Split('.')[0]
            : null;
    }
}
