using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>Which message a message answers: one that was sent, by its number among the room's messages.</summary>
internal static class MessageReply
{
    public static Outcome<long?> Read(JsonElement given, MessageWindow messages)
    {
        if (given.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null || (given.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(given.GetString())))
        {
            return (long?)null;
        }

        if (given.ValueKind != JsonValueKind.Number || !given.TryGetInt64(out var number))
        {
            var meant = given.ValueKind == JsonValueKind.String && long.TryParse(given.GetString()!.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) ? digits : (long?)null;
            return Refused(ErrorCode.InvalidParamType, "'reply_to' is the number of a message.", meant is { } one && one >= 1 && one <= messages.Count ? Use(one) : Numbers(messages));
        }

        if (number >= 1 && number <= messages.Count)
        {
            return (long?)number;
        }

        // The answer to a sender names the event as well as the message, and the one is taken for the other.
        var sent = messages.Recent.Values.FirstOrDefault(message => message.Entry.Seq == number);
        return Refused(
            ErrorCode.InvalidParam,
            string.Create(CultureInfo.InvariantCulture, $"There is no message {number}."),
            sent is null ? Numbers(messages) : string.Create(CultureInfo.InvariantCulture, $"Event {number} of the log sent message {sent.Seq}. {Use(sent.Seq)}"));
    }

    /// <summary>
    /// Whom an answer is directed to: whom its sender says, and where that is left out the sender of the message it answers, who would not be woken otherwise. An empty list means everybody.
    /// </summary>
    public static string[] Recipients(string[] to, JsonElement given, long? replyTo, RoomState state, string? sender) =>
        to.Length == 0 && given.ValueKind != JsonValueKind.Array && replyTo is { } number
        && state.Messages.Recent.GetValueOrDefault(number)?.From is { } asker && asker != sender && state.Agents.ContainsKey(asker) ? [asker] : to;

    private static string Use(long number) => string.Create(CultureInfo.InvariantCulture, $"Send \"reply_to\": {number}.");

    private static string Numbers(MessageWindow messages) => messages.Count == 0
        ? "No message has been sent yet: leave 'reply_to' out."
        : string.Create(CultureInfo.InvariantCulture, $"Send the 'seq' of the message as it stands in messages.recent, from 1 to {messages.Count}; or leave 'reply_to' out.");

    private static SyncError Refused(ErrorCode code, string message, string hint) => new SyncError(code, message) { Hint = hint }.With("param", "reply_to");
}
