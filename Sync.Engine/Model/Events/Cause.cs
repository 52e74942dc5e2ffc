using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Events;

/// <summary>The kinds of things that an event follows from.</summary>
public enum CauseKind
{
    /// <summary>An event of the log.</summary>
    Event,

    /// <summary>A message, by its number.</summary>
    Message,

    /// <summary>An approval, by the number in its id.</summary>
    Approval,

    /// <summary>The event that ended the agent's wait, which nobody had to name.</summary>
    Wake,
}

/// <summary>What an event followed from.</summary>
/// <param name="Kind">What the number counts.</param>
/// <param name="Number">The event's seq, the message's number, or the seq in an approval's id.</param>
public readonly record struct Cause(CauseKind Kind, long Number)
{
    /// <summary>The event that it is: known once it is resolved against a room, and in every event that is stored. 0 where it is not known.</summary>
    public long Seq { get; init; }

    private const string Form = "Send {\"because\": {\"seq\": 57}}, {\"because\": {\"message\": 3}} or {\"because\": {\"approval\": \"a12\"}}.";

    /// <summary>The event that ended a wait.</summary>
    internal static Cause Wake(long seq) => new(CauseKind.Wake, seq) { Seq = seq };

    /// <summary>Reads <c>{seq}</c>, <c>{message}</c> or <c>{approval}</c> of a request.</summary>
    /// <remarks>Errors: <c>invalid_parameter</c>.</remarks>
    internal static Outcome<Cause> Parse(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object && json.EnumerateObject() is var members && members.Count() == 1)
        {
            var member = json.EnumerateObject().First();
            var cause = member.Name switch
            {
                "seq" when NumberOf(member.Value) is { } seq => new Cause(CauseKind.Event, seq),
                "message" when NumberOf(member.Value) is { } number => new Cause(CauseKind.Message, number),
                "approval" when ApprovalOf(member.Value) is { } approval => new Cause(CauseKind.Approval, approval),
                _ => (Cause?)null,
            };
            if (cause is { } known)
            {
                return known;
            }
        }

        return new SyncError(ErrorCode.InvalidParameter, "'because' names one thing that the call follows from: an event, a message or an approval.") { Hint = Form }.With("field", "because");
    }

    /// <summary>Writes it as the log and its readers have it, as the value of a member: what was named first, then the event that it is.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        switch (Kind)
        {
            case CauseKind.Event:
                writer.WriteNumber("seq"u8, Number);
                break;
            case CauseKind.Message:
                writer.WriteNumber("message"u8, Number);
                break;
            case CauseKind.Approval:
                writer.WriteString("approval"u8, ApprovalId.Of(Number));
                break;
            case CauseKind.Wake:
                writer.WriteNumber("wake"u8, Number);
                break;
        }

        if (Kind != CauseKind.Event && Seq > 0)
        {
            writer.WriteNumber("seq"u8, Seq);
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    internal static Cause Read(JsonElement json)
    {
        var member = json.EnumerateObject().First();
        var cause = member.Name switch
        {
            "seq" => new Cause(CauseKind.Event, member.Value.GetInt64()),
            "message" => new Cause(CauseKind.Message, member.Value.GetInt64()),
            "wake" => new Cause(CauseKind.Wake, member.Value.GetInt64()),
            _ => new Cause(CauseKind.Approval, ApprovalOf(member.Value) ?? 0),
        };

        // Of a message alone the number says nothing of the event.
        return cause with { Seq = json.TryGetProperty("seq"u8, out var seq) ? seq.GetInt64() : cause.Kind == CauseKind.Message ? 0 : cause.Number };
    }

    private static long? NumberOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number > 0 ? number
        : value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0 ? number
        : null;

    private static long? ApprovalOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? ApprovalId.Parse(value.GetString()!) : null; // It is a string.
}
