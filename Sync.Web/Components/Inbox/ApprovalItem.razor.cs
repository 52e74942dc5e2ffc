using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Approvals;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services;
using Sync.Web.Components.Dashboard.Approvals;
using Sync.Web.Components.Shared;
using Sync.Web.Options;

namespace Sync.Web.Components.Inbox;

/// <summary>An approval that waits for the person, and their decision on it.</summary>
public sealed partial class ApprovalItem : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private ApprovalDecision? _decision;
    private RoomApproval? _approval;
    private SyncError? _notRead;
    private SyncError? _refused;
    private string? _failed;
    private bool _busy;

    /// <summary>What waits.</summary>
    [Parameter, EditorRequired]
    public required InboxItem Item { get; set; }

    /// <summary>The person has decided: what is said of it, and the event that can be taken back, or 0.</summary>
    [Parameter]
    public EventCallback<(InboxItem Item, string Said, long Seq)> Decided { get; set; }

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private InboxState State { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private AntiforgeryStateProvider Antiforgery { get; set; } = null!;

    [Inject]
    private SyncOptions Options { get; set; } = null!;

    /// <summary>Accepts what is shown.</summary>
    public Task AcceptAsync() => _decision?.AcceptAsync() ?? Task.CompletedTask;

    /// <summary>Begins to accept it with other parameters.</summary>
    public Task StartEditAsync() => _decision?.StartEditAsync() ?? Task.CompletedTask;

    /// <summary>Begins to reject it.</summary>
    public Task StartRejectAsync() => _decision?.StartRejectAsync() ?? Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        try
        {
            // It is an approval's item.
            var read = await Engine.Approvals.ReadAsync(await State.CallerAsync(), Item.Room, Item.Approval!, _gone.Token);
            _ = read.Try(out _approval, out _notRead);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // Another item was opened.
        }
    }

    private async Task DecideAsync(ApprovalChoice choice)
    {
        if (_approval is not { } approval || _busy)
        {
            return;
        }

        (_busy, _refused, _failed) = (true, null, null);
        try
        {
            var deciding = new ApprovalDeciding(
                Engine, await State.CallerAsync(), Item.Room, () => PasskeyCeremony.RunAsync(Js, Assets["js/passkeys.js"], "confirm", [], Antiforgery.GetAntiforgeryToken()?.Value, Options.PublicUrl));
            var taken = await deciding.DecideAsync(approval, choice, agent: null, _gone.Token);
            (_refused, _failed) = (taken.Refused, taken.Failed);
            _approval = taken.Approval ?? approval;
            if (taken.IsTaken)
            {
                await Decided.InvokeAsync((Item, Said(choice, taken), taken.IsDone ? taken.Seq : 0));
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone; what was decided is.
        }
        finally
        {
            _busy = false;
        }
    }

    private string Said(ApprovalChoice choice, DecisionTaken taken) => choice.Decision switch
    {
        "reject" => $"Rejected {Item.Action}.",
        _ when !taken.IsDone => $"Accepted {Item.Action}; {taken.Approval?.By} decides on it too.",
        "edit" => $"Accepted {Item.Action} with other parameters.",
        _ => $"Accepted {Item.Action}.",
    };
}
