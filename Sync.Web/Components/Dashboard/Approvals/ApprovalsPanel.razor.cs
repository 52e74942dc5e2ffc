using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Approvals;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;
using Sync.Web.Options;

namespace Sync.Web.Components.Dashboard.Approvals;

/// <summary>What waits for a decision in the room, and the decision of the person before it. They accept exactly the writes that they have before them.</summary>
public sealed partial class ApprovalsPanel : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<RoomApproval>? _all;
    private RoomApproval? _open;
    private object? _listedOf;
    private SyncError? _notListed;
    private SyncError? _refused;
    private string? _failed;
    private bool _busy;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [Inject]
    private IJSRuntime Js { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private AntiforgeryStateProvider Antiforgery { get; set; } = null!;

    [Inject]
    private SyncOptions Options { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => ReferenceEquals(drawn.ApprovalsStamp, now.ApprovalsStamp);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Viewer is not null && !Model.IsPast && (_all is null || !ReferenceEquals(_listedOf, Model.ApprovalsStamp)))
        {
            _listedOf = Model.ApprovalsStamp;
            await ListAsync(Viewer);
        }
    }

    private async Task ListAsync(RoomViewer viewer)
    {
        var listed = await viewer.Engine.Approvals.ListAsync(viewer.Caller, viewer.Room, pendingOnly: false);
        (_all, _notListed) = listed.Try(out var approvals, out var error) ? (approvals.All, null) : (_all, error);
        if (_open is { } open && _all?.FirstOrDefault(approval => approval.Id == open.Id) is not { IsPending: true })
        {
            _open = null;
        }

        Redraw();
    }

    private async Task OpenAsync(string id)
    {
        (_refused, _failed) = (null, null);
        _open = _open?.Id == id ? null : await ReadAsync(id);
        Redraw();
    }

    private async Task<RoomApproval?> ReadAsync(string id)
    {
        if (Viewer is null)
        {
            return null;
        }

        try
        {
            return (await Viewer.Engine.Approvals.ReadAsync(Viewer.Caller, Viewer.Room, id, _gone.Token)).Try(out var approval, out _notListed) ? approval : null;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The panel was closed.
            return null;
        }
    }

    private async Task DecideAsync(ApprovalChoice choice)
    {
        if (Viewer is not { } viewer || _open is not { } open || _busy)
        {
            return;
        }

        (_busy, _refused, _failed) = (true, null, null);
        Redraw();
        try
        {
            var deciding = new ApprovalDeciding(viewer.Engine, viewer.Caller, viewer.Room, () => PasskeyCeremony.RunAsync(Js, Assets["js/passkeys.js"], "confirm", [], Antiforgery.GetAntiforgeryToken()?.Value, Options.PublicUrl));
            var taken = await deciding.DecideAsync(open, choice, viewer.ActAs, _gone.Token);
            (_refused, _failed) = (taken.Refused, taken.Failed);
            if (_refused?.Code == ErrorCode.ApprovalChanged)
            {
                // The new writes are shown before they can be accepted.
                _open = taken.Approval;
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The panel was closed.
        }
        finally
        {
            _busy = false;
            Redraw();
        }
    }
}
