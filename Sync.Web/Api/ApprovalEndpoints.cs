using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>What waits for a decision in a room. To decide is to invoke <c>_decide</c>.</summary>
internal static class ApprovalEndpoints
{
    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/approvals", Name = "approvals", Group = "Actions",
            Summary = "What waits for a decision, and what was decided last",
            Description = "Those that are pending first, in the order in which they were asked for. `to_decide` says which of them the caller may decide, by invoking `_decide`.",
            Query = [new("status", "string", "`pending` leaves out those that are decided.")],
            Answer = "Approvals",
            Handle = ListAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/approvals/{approval}", Name = "approval", Group = "Actions",
            Summary = "One approval, with what it would write now",
            Description = "`preview` is worked out anew, as who asked, and shows what the caller may read. Who asked finds the `answer` of the invocation here once it is accepted.",
            Answer = "Approval",
            Errors = [ErrorCode.ApprovalNotFound],
            Handle = ReadAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> ListAsync(ApiCall call)
    {
        if (call.Query("status") is { } status && status != "pending")
        {
            return new SyncError(ErrorCode.InvalidParameter, "'status' can only be 'pending'.") { Hint = "Leave it out for all approvals." }.With("parameter", "status");
        }

        return (await call.Engine.Approvals.ListAsync(call.Caller, call.Room, pendingOnly: call.Query("status") is not null)).Try(out var approvals, out var error) ? ApiAnswer.Of(approvals) : error;
    }

    private static async Task<Outcome<ApiAnswer>> ReadAsync(ApiCall call) =>
        (await call.Engine.Approvals.ReadAsync(call.Caller, call.Room, call.Path(1), call.Aborted)).Try(out var approval, out var error) ? ApiAnswer.Of(approval) : error;
}
