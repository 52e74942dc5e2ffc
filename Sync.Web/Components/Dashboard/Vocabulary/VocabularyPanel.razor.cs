using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
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
    private const int MaxLabel = 29;
    private const int MaxNodes = 120;
    private const int MaxEdges = 240;

    private (RoomVocabulary? Of, VocabularyGraph? Whole) _drawn;
    private (VocabularyGraph? Of, string Text, bool Contested, VocabularyGraph? Graph) _filtered;
    private string _text = "";
    private bool _contested;
    private (string? Text, string? Contested) _place;

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private VocabularyGraph Whole
    {
        get
        {
            if (_drawn.Whole is null || _drawn.Of != Model.Vocabulary)
            {
                _drawn = (Model.Vocabulary, Draw(Model));
            }

            return _drawn.Whole;
        }
    }

    private VocabularyGraph Graph
    {
        get
        {
            var whole = Whole;
            if (_filtered.Graph is null || !ReferenceEquals(_filtered.Of, whole) || (_filtered.Text, _filtered.Contested) != (_text, _contested))
            {
                _filtered = (whole, _text, _contested, whole.Around(node => (!_contested || node.Contested) && Mentions(node, _text)));
            }

            return _filtered.Graph;
        }
    }

    private int Height => Head + (Graph.Rows * RowHeight) + 8;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Navigation is not null && PlaceOf(Navigation.Location) is var asked && asked != _place)
        {
            _place = asked;
            (_text, _contested) = (asked.Text ?? "", asked.Contested is not null);
            DrawNext();
        }
    }

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

    private static (string? Text, string? Contested) PlaceOf(PageLocation location) => (location.Filter(PageFilters.VocabularyText), location.Filter(PageFilters.VocabularyContested));

    private static bool Mentions(VocabularyNode node, string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => node.Label.Contains(word, StringComparison.OrdinalIgnoreCase));

    private void Choose(string text, bool contested)
    {
        (_text, _contested) = (text, contested);
        if (Navigation is not null)
        {
            Navigation.Go(Navigation.Location.WithFilter(PageFilters.VocabularyText, text).WithFilter(PageFilters.VocabularyContested, contested ? "yes" : null), isStep: false);
            _place = PlaceOf(Navigation.Location);
        }

        Redraw();
    }

    private void OpenBy(KeyboardEventArgs key, VocabularyNode node)
    {
        if (key is { Key: "Enter", CtrlKey: false, MetaKey: false })
        {
            Open(node);
        }
    }

    private void Open(VocabularyNode node)
    {
        switch (node.Column)
        {
            case 0:
                Navigation?.OpenAction(node.Label);
                break;
            case 2:
                Navigation?.OpenView(node.Label);
                break;
            case 1 when Model.Entries.FirstOrDefault(entry => $"{entry.Scope} / {entry.Key}" == node.Label) is { } entry:
                Navigation?.OpenKey(entry.Scope, entry.Key);
                break;
            default:
                // A key of many names, or one that nobody has written yet: the state shows what there is of it.
                Navigation?.Go(Navigation.Location.WithFilter(PageFilters.StateText, node.Label.Split(" / ")[0]) with { Panel = "state", Key = null });
                break;
        }
    }

    // Who says what is seen to a program that listens has to find the node by it, also where the label is cut off.
    private string Sentence(VocabularyNode node) => (Seen(node) == node.Label ? "" : $"{Seen(node)}: ") + node.Column switch
    {
        0 => $"Action {node.Label} writes {Listed(Graph.Neighbours(node, left: false))}",
        1 => $"Key {node.Label}{(node.Contested ? ", contested" : "")}, written by {Listed(Graph.Neighbours(node, left: true))}, read by {Listed(Graph.Neighbours(node, left: false))}",
        _ => $"View {node.Label} reads {Listed(Graph.Neighbours(node, left: true))}",
    };

    private static string Seen(VocabularyNode node) => Clip.Text(node.Label, MaxLabel);
}
