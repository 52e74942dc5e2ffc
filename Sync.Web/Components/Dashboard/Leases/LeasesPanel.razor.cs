using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Leases;

/// <summary>What is held: by whom, until when, and who waits for it.</summary>
public sealed partial class LeasesPanel
{
    private const int MaxPaths = 8;
    private const int MaxWaiting = 8;

    // So few need no filter.
    private const int MinFiltered = 4;

    private string _filter = "";
    private string? _place;

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private List<LeaseModel> Shown => [.. Model.Leases.Where(lease => _filter.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Mentions(lease, word)))];

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Navigation?.Location.Filter(PageFilters.LeasesText) is var asked && asked != _place)
        {
            (_place, _filter) = (asked, asked ?? "");
            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Leases == now.Leases && drawn.LeaseCount == now.LeaseCount && drawn.Agents == now.Agents && drawn.Self == now.Self;

    private static bool Mentions(LeaseModel lease, string word) =>
        lease.Key.Contains(word, StringComparison.OrdinalIgnoreCase)
        || lease.Holders.Any(holder => holder.Agent.Contains(word, StringComparison.OrdinalIgnoreCase) || holder.Note?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);

    private void Filter(string? text)
    {
        _filter = text ?? "";
        Navigation?.SetFilter(PageFilters.LeasesText, _filter);
        _place = Navigation?.Location.Filter(PageFilters.LeasesText);
        Redraw();
    }

    // Whoever stands in line for a key waits for the condition that its refusal names.
    private List<string> Waiting(LeaseModel lease) =>
        [.. Model.Agents.Where(agent => agent.WaitingOn?.Contains(lease.Expression, StringComparison.Ordinal) == true).Select(static agent => agent.Id)];
}
