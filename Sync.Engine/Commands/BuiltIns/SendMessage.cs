using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_send_message</c>: a message to the room; <c>to</c> directs it, it does not hide it.</summary>
internal sealed class SendMessage : BuiltInWrite
{
    private static readonly ParamSet s_params = Declare("""
        {"body": {"type": "any", "required": true, "description": "what to say"}, "kind": {"type": "string", "default": "chat", "min_length": 1, "max_length": 64}, "to": {"type": "any"}, "reply_to": {"type": "any"}}
        """);

    public override string Id => BuiltInIds.SendMessage;

    public override string Description => "Send a message to the room; 'to' directs it to an agent or a list of agents, 'reply_to' names the message it answers, and directs it to who sent that where 'to' is left out.";

    public override JsonText ParamsJson { get; } = Json("""
        {
          "body": {"type": "any", "required": true, "description": "what to say"},
          "kind": {"type": "string", "default": "chat", "description": "question: the agents in 'to' are to reply"},
          "to": {"type": "any", "description": "an agent id or a list of them; left out, it is for who sent the message in 'reply_to', or for everyone"},
          "reply_to": {"type": "integer", "description": "the number ('seq') of the message it answers"}
        }
        """);

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        if (!Identifiers.IsTitle(bound["kind"].GetString()!, 64))
        {
            return new SyncError(ErrorCode.InvalidParam, "A message's 'kind' has 1 to 64 printable characters.") { Hint = "Leave out control, zero-width and direction characters." }.With("param", "kind");
        }

        var state = input.Moment.State;
        if (!MessageRecipients.Read(bound.GetValueOrDefault("to"), state.Agents, input.Actor.Agent).Try(out var to, out error)
            || !MessageReply.Read(bound.GetValueOrDefault("reply_to"), state.Messages).Try(out var replyTo, out error))
        {
            return error;
        }

        to = MessageReply.Recipients(to, bound.GetValueOrDefault("to"), replyTo, state, input.Actor.Agent);
        var number = state.Messages.Count + 1;
        var value = Compose(input, bound, number, to, replyTo);
        if (value.Length > input.Limits.MessageBytes)
        {
            return BoundErrors.TooLong("The message", value.Length, input.Limits.MessageBytes) with { Hint = "Send less, or write it to an entry and send its key: {\"body\": {\"see\": \"_shared.report\"}}." };
        }

        var key = number.ToString(CultureInfo.InvariantCulture);
        var (version, revision) = copy.Put(ReservedScopes.Messages, key, value);
        return new BuiltInEffect([new AnswerWrite(ReservedScopes.Messages, key, value, version, revision)], (writer, after) =>
        {
            writer.WriteNumber("message_seq"u8, number);
            Warnings.Write(writer, to.Where(agent => !after.Agents.ContainsKey(agent)).Select(agent => Unknown(agent, after.Agents.Keys, input.Actor.Agent)));
        });
    }

    private static JsonText Compose(InvocationInput input, IReadOnlyDictionary<string, JsonElement> bound, long number, string[] to, long? replyTo) => JsonText.Write((bound, number, to, replyTo, input), static (writer, t) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("seq"u8, t.number);
        writer.WriteString("from"u8, t.input.Actor.Agent ?? "room");
        writer.WriteString("kind"u8, t.bound["kind"].GetString());
        writer.WritePropertyName("body"u8);
        t.bound["body"].WriteTo(writer);
        if (t.to.Length > 0)
        {
            writer.WritePropertyName("to"u8);
            WriteTargets.WriteIds(writer, t.to);
        }

        if (t.replyTo is { } answered)
        {
            writer.WriteNumber("reply_to"u8, answered);
        }

        writer.WriteString("at"u8, t.input.Moment.Now.UtcDateTime);
        writer.WriteEndObject();
    });

    private static JsonObject Unknown(string agent, IEnumerable<string> known, string? sender)
    {
        var near = MessageRecipients.Nearest(agent, known, sender);
        return Warnings.Of("unknown_agent", "to", $"No agent '{Identifiers.Shown(agent)}' is in the room yet; it will find the message when it joins.", near is null ? null : $"Did you mean '{near}'?");
    }
}
