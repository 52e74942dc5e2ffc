using System.Runtime.InteropServices;
using System.Text.Json;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Actions;

/// <summary>Sends calls that may stand in line: each counts among the parked waits of whoever sends it, and ends with their access.</summary>
internal sealed class CallsInLine(RoomAuthorizer authorizer, AccessNotices notices, Holdings holdings)
{
    /// <summary>A call that stands in line brings so many bytes of parameters at most: they are held as long as it waits.</summary>
    private const int MaxBytes = 16 * 1024;

    /// <summary>Has a call decided, in line where it has to wait.</summary>
    /// <param name="authorized">Who sends it, and where.</param>
    /// <param name="command">The call.</param>
    /// <param name="longest">How long the surface lets a call wait; null for the configured limit.</param>
    /// <param name="cancellationToken">Gives up, in line too.</param>
    /// <remarks>Errors: what the decision refuses; <c>payload_too_large</c>, those of a held wait, and those of access that ends.</remarks>
    public async Task<Outcome<Committed>> ExecuteAsync(AuthorizedRoom authorized, InvokeCommand command, TimeSpan? longest, CancellationToken cancellationToken)
    {
        var (room, asked) = (authorized.Room, command.Request.Wait);
        var bytes = command.Request.Params.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(command.Request.Params).Length;
        if (bytes > MaxBytes)
        {
            return BoundErrors.TooLong("The parameters of a call that waits", bytes, MaxBytes) with { Hint = "Leave 'wait_ms' out, or write the large value by a call of its own." };
        }

        if (!holdings.HoldWait(authorized, room.Published).Try(out var held, out var error))
        {
            return error;
        }

        using var releasing = held;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        SyncError? ended = null;
        using var access = notices.Add(authorized.Caller, authorized.Record.Row, _ =>
        {
            if (authorizer.Reauthorize(authorized.Caller, authorized.Record.Id, AccessLevel.Write) is { } refused)
            {
                ended = refused;
                ending.Cancel();
            }
        });

        var max = longest ?? room.Limits.MaxWaitTimeout;
        var isCapped = asked > max;
        Outcome<Committed> outcome;
        try
        {
            outcome = await room.Writer.ExecuteAsync(isCapped ? command with { Request = command.Request with { Wait = max } } : command, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended is not null && !cancellationToken.IsCancellationRequested)
        {
            return ended;
        }

        if (outcome.Error is not { } refusal)
        {
            return outcome;
        }

        if (HasTimedOut(refusal))
        {
            return isCapped ? refusal.With("capped_to_ms", (long)max.TotalMilliseconds) : refusal;
        }

        return refusal.Code == ErrorCode.Unavailable && authorizer.Reauthorize(authorized.Caller, authorized.Record.Id, AccessLevel.Write) is { } gone ? gone : outcome;
    }

    private static bool HasTimedOut(SyncError error) => error.Details?["timeout"] is not null;
}
