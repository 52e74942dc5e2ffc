using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Reads.Approvals;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>
/// One agent: its state, its timeline, what it did, holds, waits for, said, wrote, was refused and asked for. What the page's model has is taken from it; the rest is asked when what it hangs on has changed. Give it another
/// key for another agent.
/// </summary>
public sealed partial class AgentPage
{
    private const int Few = 6;
    private const int Initial = 10;
    private const int Many = 20;
    private const int MaxRefused = 50;

    private ImmutableArray<EventModel> _refused = [];
    private ImmutableArray<RoomApproval> _approvals = [];
    private ImmutableArray<WaitStretch> _waits = [];
    private (DateTimeOffset? Refused, object? Approvals, long? At, bool IsAsked) _read;
    private RoomPageModel? _seen;
    private int? _tokens;
    private int _acts = Initial;
    private SyncError? _refusal;

    /// <summary>The agent's id.</summary>
    [Parameter, EditorRequired]
    public required string Agent { get; set; }

    /// <summary>What all agents did; null before it is known.</summary>
    [Parameter, EditorRequired]
    public AgentTimeline? Timeline { get; set; }

    /// <summary>How much time is shown.</summary>
    [Parameter, EditorRequired]
    public required LaneWindow Window { get; set; }

    /// <summary>What of it is in view.</summary>
    [Parameter, EditorRequired]
    public required LaneView View { get; set; }

    /// <summary>The moment that is shown.</summary>
    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private AgentModel? Of => Model.Agents.FirstOrDefault(agent => agent.Id == Agent);

    private PageLocation Place => Navigation?.Location ?? new PageLocation("agents");

    private string ListHref => (Place with { Panel = "agents", Agent = null }).Href(Model.Info.Id);

    private AgentLane? Lane => Timeline?.Of(Agent);

    private PauseModel? Pause => Model.Pauses.FirstOrDefault(pause => pause.What == $"agent:{Agent}");

    private ImmutableArray<EventHead> Acts => Lane?.Acts ?? [];

    private ImmutableArray<(LeaseModel Lease, LeaseHolderModel Hold)> Holds => [.. Model.Leases.SelectMany(lease => lease.Holders.Where(hold => hold.Agent == Agent).Select(hold => (lease, hold)))];

    private ImmutableArray<EntryModel> Wrote => [.. Model.Entries.Where(entry => entry.Writer == Agent).OrderByDescending(static entry => entry.Seq)];

    private ImmutableArray<MessageModel> Said => [.. Model.Messages.Where(message => message.From == Agent).Reverse()];

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync()
    {
        if (ReferenceEquals(_seen, Model) || Viewer is null || Of is null)
        {
            return Task.CompletedTask;
        }

        _seen = Model;
        return AskAsync(ReadAsync);
    }

    private static string Spent(TimeSpan span) =>
        span.TotalSeconds < 1 ? "under 1s" : span.TotalMinutes < 1 ? $"{span.TotalSeconds:0}s" : span.TotalHours < 1 ? $"{span.TotalMinutes:0}m" : $"{span.TotalHours:0}h";

    private List<string> Waiting(LeaseModel lease) => [.. Model.Agents.Where(agent => agent.Wait?.Lease == lease.Key).Select(static agent => agent.Id)];

    private void Choose(string window) => Navigation?.SetFilter(AgentFilters.Window, window == LaneWindow.All[0].Id ? null : window);

    private void ToLog() => Navigation?.Go((Place with { Panel = "log", Agent = null }).WithFilter(PageFilters.LogAgent, Agent));

    // A model that came while an answer was under way is read with the next one: what changes goes on changing.
    private async Task ReadAsync()
    {
        var viewer = Viewer!; // Asked before.
        var at = Model.IsPast ? Model.Seq : (long?)null;
        if ((await viewer.Engine.Timelines.WaitsAsync(viewer.Caller, viewer.Room, Agent, at, Gone)).Try(out var waits, out _refusal))
        {
            _waits = waits;
        }

        var now = (Lane?.LastRefusedAt, Model.ApprovalsStamp, at, true);
        if (_read == now)
        {
            return;
        }

        _read = now;
        if ((await viewer.Engine.Live.LogAsync(viewer.Caller, viewer.Room, new LogQuery(Agent, Ok: false), at + 1, MaxRefused, Gone)).Try(out var refused, out _refusal))
        {
            _refused = [.. refused.Events.Where(e => e.Seq >= (Of?.JoinedSeq ?? 0))];
        }

        if (at is null && (await viewer.Engine.Approvals.ListAsync(viewer.Caller, viewer.Room, pendingOnly: false)).Try(out var approvals, out _refusal))
        {
            _approvals = [.. approvals.All.Where(approval => approval.Agent == Agent)];
        }

        // Whose tokens they are is told to who manages them; for others there is no such line.
        _tokens = RoomViewer.CanManage(Model) && (await viewer.Engine.RoomTokens.ListAsync(viewer.Caller, viewer.Room, Gone)).Try(out var tokens, out _)
            ? tokens.Count(token => token.Agent == Agent && !token.Revoked && !(token.ExpiresAt <= Now))
            : null;
    }
}
