using System.Collections.Immutable;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Invoking and explaining actions. The engine reads the body: the same object arrives over MCP.</summary>
internal static class ActionEndpoints
{
    private const string IdempotencyKey = "Idempotency-Key";

    private static readonly ImmutableArray<ApiParameter> s_headers =
    [
        new(IdempotencyKey, "string", "A retry with the same key within 24 hours gets the first answer, with `Idempotent-Replay: true`. The same as `request_id` in the body."),
    ];

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/actions/{action}/invoke", Name = "invokeAction", Group = "Actions",
            Summary = "Invoke a built-in or custom action",
            Description = "One atomic step: the parameters and the guard are checked, all writes are built, and either all of them are committed or none. "
                + "Ids with a slash are written with `%2F`.",
            Headers = s_headers,
            Body = "Invoke", Answer = "Invoked", AlsoSuccess = (StatusCodes.Status202Accepted, "Somebody has to decide first: nothing is written yet. `wait` is the condition that holds once it is decided."),
            Errors =
            [
                ErrorCode.ReadOnlyToken, ErrorCode.IdentityMismatch, ErrorCode.ConsentRequired, ErrorCode.PersonRequired, ErrorCode.NotOwner, ErrorCode.ActionOwned, ErrorCode.ViewOwned,
                ErrorCode.ActionNotFound, ErrorCode.ActionExpired, ErrorCode.ViewNotFound, ErrorCode.AgentNotFound, ErrorCode.HelpKeyNotFound, ErrorCode.ApprovalNotFound,
                ErrorCode.ActionChanged, ErrorCode.Paused, ErrorCode.ApprovalRequired, ErrorCode.ApprovalChanged, ErrorCode.ApprovalDecided, ErrorCode.PreconditionFailed, ErrorCode.NothingToWrite, ErrorCode.LeaseHeld, ErrorCode.LeaseRequired, ErrorCode.LeaseLost, ErrorCode.LeaseNotFound, ErrorCode.ActionDisabled, ErrorCode.ActionCooldown, ErrorCode.VersionConflict, ErrorCode.IdempotencyConflict,
                ErrorCode.InvalidParam, ErrorCode.InvalidParamType, ErrorCode.UnknownParam, ErrorCode.MissingParam,
                ErrorCode.ReservedId, ErrorCode.InvalidCel, ErrorCode.CelError, ErrorCode.CelLimitExceeded, ErrorCode.NotReadable, ErrorCode.InvalidTimer, ErrorCode.InvalidTemplate,
                ErrorCode.InvalidId,
            ],
            Handle = InvokeAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/actions/{action}/explain", Name = "explainAction", Group = "Actions",
            Summary = "Why an action is or is not available: each part of `enabled` and `if` with the value it had",
            Body = "Invoke", Answer = "Explanation",
            Errors = [ErrorCode.ActionNotFound, ErrorCode.ActionExpired, ErrorCode.IdentityMismatch, ErrorCode.ReadOnlyToken],
            Handle = ExplainAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> InvokeAsync(ApiCall call)
    {
        var key = call.Http.Request.Headers[IdempotencyKey];
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || !InvokeRequest.Parse(body, key.Count == 0 ? null : key.ToString()).Try(out var request, out error)
            || !(await ShutdownToken.ParkedAsync(call, ending => call.Engine.Actions.InvokeAsync(call.Caller, call.Room, call.Path(1), request, request.Wait > TimeSpan.Zero ? ending : call.Aborted))).Try(out var invoked, out error))
        {
            return error;
        }

        return ApiAnswer.Of(invoked.Told(ApiResponse.StepsOf(call.Http), call.Room), invoked.Approval is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted) with { Replayed = invoked.Replayed };
    }

    private static async Task<Outcome<ApiAnswer>> ExplainAsync(ApiCall call) =>
        (await call.BodyAsync()).Try(out var body, out var error)
        && InvokeRequest.Parse(body, idempotencyKey: null).Try(out var request, out error)
        && (await call.Engine.Actions.ExplainAsync(call.Caller, call.Room, call.Path(1), request, call.Aborted)).Try(out var explanation, out error)
            ? ApiAnswer.Of(ApiResponse.ToJson(explanation.ToJson(ApiResponse.StepsOf(call.Http), call.Room)))
            : error;
}
