using System.Globalization;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Vocabulary;

/// <summary>What the room's agents have agreed on, drawn: which action writes which key, which view reads it.</summary>
public sealed partial class VocabularyPanel
{
    private const int Width = 960;
    private const int NodeWidth = 232;
    private const int RowHeight = 30;
    private const int Head = 30;
    private const int MaxNodes = 120;
    private const int MaxEdges = 240;

    private (RoomVocabulary? Of, VocabularyGraph? Graph) _drawn;

    private VocabularyGraph Graph
    {
        get
        {
            if (_drawn.Graph is null || _drawn.Of != Model.Vocabulary)
            {
                _drawn = (Model.Vocabulary, Draw(Model));
            }

            return _drawn.Graph;
        }
    }

    private int Height => Head + (Graph.Rows * RowHeight) + 8;

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => ReferenceEquals(drawn.Vocabulary, now.Vocabulary);

    /// <summary>The first of each, so that the drawing stays one: of thousands nobody follows a line.</summary>
    private static VocabularyGraph Draw(RoomPageModel model)
    {
        List<string> actions = [.. model.Actions.Select(action => action.Id).Take(MaxNodes)];
        List<string> views = [.. model.Views.Where(view => !view.System).Select(view => view.Id).Take(MaxNodes)];
        var known = actions.Concat(views).ToHashSet(StringComparer.Ordinal);
        var drawn = model.Vocabulary with
        {
            Writes = [.. model.Vocabulary.Writes.Where(write => known.Contains(write.Action)).Take(MaxEdges)],
            Reads = [.. model.Vocabulary.Reads.Where(read => known.Contains(read.View)).Take(MaxEdges)],
        };
        return VocabularyGraph.Of(drawn, actions, views);
    }

    private static int X(int column) => 12 + (column * ((Width - NodeWidth - 8) / 2));

    private static double Y(VocabularyNode node) => Head + (node.Row * RowHeight);

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Listed(IEnumerable<string> names) => Clip.Text(string.Join(", ", names), Clip.Title) is { Length: > 0 } text ? text : "nobody";

    private static string Curve(VocabularyEdge edge)
    {
        var (x1, x2) = (X(edge.From.Column) - 8 + NodeWidth, X(edge.To.Column) - 8);
        var bend = (x2 - x1) / 2;
        return $"M{x1} {Number(Y(edge.From))}C{x1 + bend} {Number(Y(edge.From))} {x2 - bend} {Number(Y(edge.To))} {x2} {Number(Y(edge.To))}";
    }

    private string Sentence(VocabularyNode node) => node.Column switch
    {
        0 => $"Action {node.Label} writes {Listed(Graph.Neighbours(node, left: false))}",
        1 => $"Key {node.Label}{(node.Contested ? ", contested" : "")}, written by {Listed(Graph.Neighbours(node, left: true))}, read by {Listed(Graph.Neighbours(node, left: false))}",
        _ => $"View {node.Label} reads {Listed(Graph.Neighbours(node, left: true))}",
    };
}
