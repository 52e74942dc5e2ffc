using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>Keeps the timeline of what a page shows: asked again with each new model. On the page's dispatcher only; it asks once at a time and skips models in between.</summary>
internal sealed class AgentTimelineReader
{
    private Dictionary<string, AgentLane> _lanes = new(StringComparer.Ordinal);
    private RoomPageModel? _asked;
    private RoomPageModel? _next;

    /// <summary>The newest that was read; null before the first.</summary>
    public AgentTimeline? Timeline { get; private set; }

    /// <summary>Why the last was not read, or null.</summary>
    public SyncError? Refusal { get; private set; }

    /// <summary>An agent's lane, or null.</summary>
    public AgentLane? LaneOf(string agent) => _lanes.GetValueOrDefault(agent);

    /// <summary>Reads the timeline of a model, unless it is read already. True when there is another than before.</summary>
    public async Task<bool> ReadAsync(RoomViewer? viewer, RoomPageModel model, CancellationToken cancellationToken)
    {
        if (viewer is null || ReferenceEquals(model, _next) || (_next is null && ReferenceEquals(model, _asked)))
        {
            return false;
        }

        if (_next is not null)
        {
            _next = model;
            return false;
        }

        var before = Timeline;
        _next = model;
        try
        {
            while (_next != _asked)
            {
                _asked = _next;
                Refusal = (await viewer.Engine.Timelines.ReadAsync(viewer.Caller, viewer.Room, _asked.IsPast ? _asked.Seq : null, cancellationToken)).Try(out var read, out var error) ? null : error;
                Timeline = Refusal is null ? read : null;
                _lanes = (Timeline?.Lanes ?? []).ToDictionary(static lane => lane.Agent, StringComparer.Ordinal);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The panel was closed.
        }
        finally
        {
            _next = null;
        }

        return !ReferenceEquals(Timeline, before);
    }
}
