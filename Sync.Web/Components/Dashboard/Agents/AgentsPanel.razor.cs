using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Leases;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>
/// Who is in the room and what each does now: a list among the panels of the overview; opened to full, the fleet with a lane for each agent, or the page of one. States that change as time goes by without an event
/// are looked at every few seconds.
/// </summary>
public sealed partial class AgentsPanel : IDisposable
{
    private const int Page = 100;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(5);

    private readonly AgentTimelineReader _timelines = new();
    private readonly CancellationTokenSource _gone = new();
    private ITimer? _clock;
    private PageLocation? _drawnAt;
    private LaneScale? _scale;
    private LaneWindow? _scaledFor;
    private DateTimeOffset? _scaledAt;
    private ILookup<string, string>? _leases;
    private ImmutableArray<LeaseModel> _leasesOf;
    private TimeSpan _ahead;
    private int _max = Page;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private AgentTimeline? Timeline => _timelines.Timeline;

    private PageLocation? Location => Navigation?.Location;

    private bool IsOpen => Location?.Panel == "agents";

    private string? Opened => Location?.Agent;

    private string Text => Location?.Filter(AgentFilters.Text) ?? "";

    private string? State => Location?.Filter(AgentFilters.State);

    private LaneWindow Window => LaneWindow.Of(Location?.Filter(AgentFilters.Window));

    // By the room's clock, which may be ahead of the server's.
    private DateTimeOffset Now => Model.IsPast ? Model.At : Time.GetUtcNow() + _ahead;

    private LaneView View => LaneView.Of(Window, Scale, Begin, Now);

    private DateTimeOffset Begin => Timeline?.From ?? Model.Info.CreatedAt;

    // Kept while time goes on, so that lanes stay as they are drawn.
    private LaneScale Scale
    {
        get
        {
            var at = Model.IsPast ? Model.At : (DateTimeOffset?)null;
            if (_scale is null || _scaledFor != Window || _scaledAt != at || HasMoved(_scale))
            {
                (_scale, _scaledFor, _scaledAt) = (LaneScale.Of(Window, Begin, Now), Window, at);
            }

            return _scale;
        }
    }

    // Far enough from where it was made that lanes would be drawn coarsely, or far from what they are counted from.
    private bool HasMoved(LaneScale scale) => Window.Span is { } span ? Now - scale.From > span + span : (Begin - scale.From).Duration() > (Now - Begin) / 50;

    /// <inheritdoc/>
    public void Dispose()
    {
        _clock?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => _clock = Time.CreateTimer(_ => _ = InvokeAsync(Tick), null, s_tick, s_tick);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Location != _drawnAt)
        {
            if (_drawnAt is null || Location?.Panel != _drawnAt.Panel)
            {
                _max = Page;
            }

            _drawnAt = Location;
            DrawNext();
        }

        if (await _timelines.ReadAsync(Viewer, Model, _gone.Token) && !_gone.IsCancellationRequested)
        {
            if (Timeline is { } read && !Model.IsPast)
            {
                // Of a model that is older than a moment this says less than nothing, so the clock is never set back by it.
                _ahead = read.Until - Time.GetUtcNow() is var ahead && ahead > TimeSpan.FromSeconds(1) ? ahead : TimeSpan.Zero;
            }

            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Agents == now.Agents && drawn.Self == now.Self && drawn.Pauses == now.Pauses && drawn.Leases == now.Leases;

    // In the overview as they come; the fleet by name, in which 10 comes after 9.
    private ImmutableArray<(AgentModel Agent, AgentNow Now)> Look()
    {
        var paused = Model.Pauses.ToDictionary(static pause => pause.What, StringComparer.Ordinal);
        var all = Model.Agents.Select(agent => (Agent: agent, Now: AgentNow.Of(agent, _timelines.LaneOf(agent.Id), paused.GetValueOrDefault($"agent:{agent.Id}"), Now)));
        return [.. IsOpen ? all.OrderBy(static agent => OrderOf(agent.Agent), StringComparer.OrdinalIgnoreCase) : all];
    }

    private ImmutableArray<(AgentModel Agent, AgentNow Now)> Filtered(ImmutableArray<(AgentModel Agent, AgentNow Now)> all) => !IsOpen || (Text.Length == 0 && State is null) ? all
        : [.. all.Where(agent => (State is null || agent.Now.State.Word() == State) && Mentions(agent.Agent, Text))];

    private static IEnumerable<(AgentState State, int Count)> Counts(ImmutableArray<(AgentModel Agent, AgentNow Now)> all) =>
        all.CountBy(static agent => agent.Now.State).OrderBy(static count => count.Key).Select(static count => (count.Key, count.Value));

    private static string OrderOf(AgentModel agent) => Number().Replace(Clip.OfName(agent.Name.Length == 0 ? agent.Id : agent.Name), static number => number.Value.PadLeft(12, '0'));

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    private static bool Mentions(AgentModel agent, string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word =>
        agent.Id.Contains(word, StringComparison.OrdinalIgnoreCase) || agent.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
        || agent.Role.Contains(word, StringComparison.OrdinalIgnoreCase) || (agent.Owner?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false));

    private void Tick()
    {
        if (!_gone.IsCancellationRequested && !Model.IsPast && !Model.Agents.IsEmpty)
        {
            Redraw();
        }
    }

    private void More()
    {
        _max += Page;
        Redraw();
    }

    private void Filter(string name, string? value)
    {
        Navigation?.SetFilter(name, value == LaneWindow.All[0].Id ? null : value);
        Redraw();
    }

    private void ShowAll()
    {
        Filter(AgentFilters.Text, null);
        Filter(AgentFilters.State, null);
    }

    private IEnumerable<string> LeasesOf(string agent)
    {
        if (_leases is null || _leasesOf != Model.Leases)
        {
            _leasesOf = Model.Leases;
            _leases = Model.Leases.SelectMany(static lease => lease.Holders.Select(holder => (holder.Agent, Title: LeaseTitle.Of(lease)))).ToLookup(static hold => hold.Agent, static hold => hold.Title, StringComparer.Ordinal);
        }

        return _leases[agent];
    }
}
