using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Approvals;
using Sync.Engine.Services;

namespace Sync.Web.Components.Dashboard.Approvals;

/// <summary>
/// A person's decision on an approval, wherever they take it: they accept exactly the writes that they have before them, and where the action asks for it the passkey is asked for and the decision is the same.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="caller">Who decides.</param>
/// <param name="room">The room.</param>
/// <param name="confirm">Has the person show their passkey: whether they did, and why not.</param>
internal sealed class ApprovalDeciding(SyncEngine engine, Caller caller, string room, Func<Task<(bool IsDone, string? Failed)>> confirm)
{
    /// <summary>Decides.</summary>
    /// <param name="approval">The approval as the person has it before them.</param>
    /// <param name="choice">What they decided.</param>
    /// <param name="agent">The agent they act as; null for their own.</param>
    /// <param name="cancellationToken">Ends it before it is sent.</param>
    public async Task<DecisionTaken> DecideAsync(RoomApproval approval, ApprovalChoice choice, string? agent, CancellationToken cancellationToken)
    {
        var (seq, refused) = await SendAsync(approval, choice, agent, cancellationToken);
        if (refused?.Code == ErrorCode.ConfirmationRequired)
        {
            var (isDone, failed) = await confirm();
            if (!isDone)
            {
                return new DecisionTaken { Failed = failed };
            }

            (seq, refused) = await SendAsync(approval, choice, agent, cancellationToken);
        }

        // The new writes are shown before they can be accepted.
        var now = refused is null || refused.Code == ErrorCode.ApprovalChanged ? await ReadAsync(approval.Id, cancellationToken) : null;
        return new DecisionTaken { Seq = seq, Refused = refused, Approval = now };
    }

    /// <summary>Takes back what an event wrote. Answers how many entries it has put back.</summary>
    public async Task<Outcome<int>> UndoAsync(long seq, CancellationToken cancellationToken)
    {
        var request = new InvokeRequest { Params = JsonSerializer.SerializeToElement(new Dictionary<string, long> { ["seq"] = seq }) };
        return (await engine.Actions.InvokeAsync(caller, room, "_revert", request, cancellationToken)).Try(out var invoked, out var error) ? invoked.Report.Writes.Length : error;
    }

    private async Task<(long Seq, SyncError? Refused)> SendAsync(RoomApproval approval, ApprovalChoice choice, string? agent, CancellationToken cancellationToken)
    {
        var request = new InvokeRequest { Params = choice.ToParams(approval.Id, approval.WritesVersion), Agent = agent };
        return (await engine.Actions.InvokeAsync(caller, room, "_decide", request, cancellationToken)).Try(out var invoked, out var error) ? (invoked.Report.Seq, null) : (0, error);
    }

    private async Task<RoomApproval?> ReadAsync(string id, CancellationToken cancellationToken) =>
        (await engine.Approvals.ReadAsync(caller, room, id, cancellationToken)).Try(out var approval, out _) ? approval : null;
}

/// <summary>What came of a decision.</summary>
internal sealed record DecisionTaken
{
    /// <summary>The event of the decision; 0 where there is none.</summary>
    public long Seq { get; init; }

    /// <summary>Why it was refused, or null.</summary>
    public SyncError? Refused { get; init; }

    /// <summary>Why no passkey was shown, or null.</summary>
    public string? Failed { get; init; }

    /// <summary>The approval as it is by now, where the decision went through or its writes have changed.</summary>
    public RoomApproval? Approval { get; init; }

    /// <summary>Whether the decision went through.</summary>
    public bool IsTaken => Refused is null && Failed is null && Seq > 0;

    /// <summary>Whether what it accepted was done: others may still have to accept it.</summary>
    public bool IsDone => IsTaken && Approval is { Status: "accepted" };
}
