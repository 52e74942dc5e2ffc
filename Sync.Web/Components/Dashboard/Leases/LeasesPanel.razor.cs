using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Leases;

/// <summary>What is held: by whom, until when, and who waits for it.</summary>
public sealed partial class LeasesPanel
{
    private const int MaxPaths = 8;
    private const int MaxWaiting = 8;

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Leases == now.Leases && drawn.LeaseCount == now.LeaseCount && drawn.Agents == now.Agents;

    // Whoever stands in line for a key waits for the condition that its refusal names.
    private List<string> Waiting(LeaseModel lease) =>
        [.. Model.Agents.Where(agent => agent.WaitingOn?.Contains(lease.Expression, StringComparison.Ordinal) == true).Select(static agent => agent.Id)];
}
