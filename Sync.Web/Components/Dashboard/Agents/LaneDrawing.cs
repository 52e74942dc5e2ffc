using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sync.Engine.Reads.Agents;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>
/// A lane as paths, one for each activity, however many spans it has: a fleet of a hundred is some hundred elements, which a browser scrolls without effort. What goes on is drawn far into the future, so that it
/// need not be drawn again as time goes by. Activities differ by height as well as by colour.
/// </summary>
/// <param name="Activity">What the path shows.</param>
/// <param name="Path">Its outline.</param>
internal sealed record LaneDrawing(AgentActivity Activity, string Path)
{
    /// <summary>The height of a lane.</summary>
    public const int Height = 20;

    private static readonly TimeSpan s_future = TimeSpan.FromDays(2);

    public static ImmutableArray<LaneDrawing> Of(AgentLane lane, LaneScale scale) =>
    [
        .. new[] { AgentActivity.Waiting, AgentActivity.Deciding, AgentActivity.Working, AgentActivity.Refused }
            .Select(activity => new LaneDrawing(activity, Outline(lane.Spans.Where(span => span.Activity == activity && !(span.Until <= scale.From)), scale, Shape(activity))))
            .Where(static drawing => drawing.Path.Length > 0),
    ];

    private static (int Top, int Height) Shape(AgentActivity activity) => activity switch
    {
        AgentActivity.Waiting => (8, 4),
        AgentActivity.Deciding => (5, 10),
        _ => (2, 16),
    };

    // Spans that lie closer than what is told apart are one, and none is too short to be seen.
    private static string Outline(IEnumerable<AgentSpan> spans, LaneScale scale, (int Top, int Height) shape)
    {
        var path = new StringBuilder();
        double? begin = null;
        var end = 0d;
        foreach (var span in spans)
        {
            var x = scale.X(span.From < scale.From ? scale.From : span.From);
            var until = scale.X(span.Until ?? scale.From + s_future + s_future);
            if (begin is not null && x - end >= scale.Step)
            {
                Add(path, begin.Value, end, shape);
                begin = null;
            }

            begin ??= x;
            end = Math.Max(Math.Max(end, until), x + (2 * scale.Step));
        }

        if (begin is { } last)
        {
            Add(path, last, end, shape);
        }

        return path.ToString();
    }

    private static void Add(StringBuilder path, double begin, double end, (int Top, int Height) shape) =>
        path.Append(CultureInfo.InvariantCulture, $"M{begin:0.##} {shape.Top}H{end:0.##}v{shape.Height}H{begin:0.##}z");
}
