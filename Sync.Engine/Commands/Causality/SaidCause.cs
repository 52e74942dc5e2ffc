using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Causality;

/// <summary>
/// What a caller says that a call follows from, found in the room: the event that it is. Whoever may act in a room reads every event's head, every message and that an approval is there, so what
/// is not found is not there.
/// </summary>
internal static class SaidCause
{
    /// <summary>The cause with its event.</summary>
    /// <param name="cause">As it was said.</param>
    /// <param name="state">The room before the call.</param>
    /// <param name="old">Messages that the call names and that are not in memory any more.</param>
    /// <remarks>Errors: <c>invalid_parameter approval_not_found</c>.</remarks>
    public static Outcome<Cause> Resolve(Cause cause, RoomState state, ImmutableArray<OldMessage> old)
    {
        switch (cause.Kind)
        {
            case CauseKind.Message:
                return (state.Messages.Recent.GetValueOrDefault(cause.Number)?.Entry.Seq ?? old.FirstOrDefault(message => message.Number == cause.Number).Seq) is > 0 and var seq
                    ? cause with { Seq = seq }
                    : Refused(string.Create(CultureInfo.InvariantCulture, $"There is no message {cause.Number} that the call could follow from."), state.Messages.Count == 0
                        ? "No message has been sent yet: leave 'because' out."
                        : string.Create(CultureInfo.InvariantCulture, $"Send the 'seq' of the message as it stands in messages.recent, from 1 to {state.Messages.Count}: {{\"because\": {{\"message\": {state.Messages.Count}}}}}."));
            case CauseKind.Approval:
                var id = ApprovalId.Of(cause.Number);
                return cause.Number <= state.Seq && state.Find(ReservedScopes.Approvals, id) is not null
                    ? cause with { Seq = cause.Number }
                    : new SyncError(ErrorCode.ApprovalNotFound, $"There is no approval '{id}' that the call could follow from.")
                    {
                        Hint = "Send the id of an approval as the answer that asked for it gave it, or leave 'because' out.",
                    }.With("field", "because");
            default:
                return cause.Number <= state.Seq
                    ? cause with { Seq = cause.Number }
                    : Refused(string.Create(CultureInfo.InvariantCulture, $"There is no event {cause.Number} that the call could follow from; the room has 1 to {state.Seq}."), "Send the 'seq' of an earlier answer or of an event of the log, or leave 'because' out.");
        }
    }

    /// <summary>The numbers of messages that a call names, in <c>because</c> and as those it answers, which may be older than what is in memory.</summary>
    public static IEnumerable<long> MessagesNamed(string action, InvokeRequest request)
    {
        if (request.Because is { Kind: CauseKind.Message } said)
        {
            yield return said.Number;
        }

        foreach (var answered in action == BuiltInIds.Batch ? Steps(request.Params).Select(static step => Answered(step)) : [Answered(action, request.Params)])
        {
            if (answered is { } number)
            {
                yield return number;
            }
        }
    }

    private static IEnumerable<JsonElement> Steps(JsonElement parameters) =>
        Member(parameters, "steps") is { ValueKind: JsonValueKind.Array } steps ? steps.EnumerateArray().Take(Commands.BuiltIns.Batch.MaxSteps) : [];

    private static long? Answered(JsonElement step) => Member(step, "action") is { ValueKind: JsonValueKind.String } action ? Answered(action.GetString()!, Member(step, "params")) : null;

    private static long? Answered(string action, JsonElement parameters) =>
        action == BuiltInIds.SendMessage && Member(parameters, "reply_to") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var answered) ? answered : null;

    private static JsonElement Member(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    private static SyncError Refused(string message, string hint) => new SyncError(ErrorCode.InvalidParameter, message) { Hint = hint }.With("field", "because");
}
