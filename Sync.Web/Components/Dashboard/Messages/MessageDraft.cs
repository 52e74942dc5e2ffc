using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>A message under the pen.</summary>
internal sealed class MessageDraft
{
    public string Body { get; set; } = "";

    public string Kind { get; set; } = "chat";

    /// <summary>Whom it is directed to; empty is the room.</summary>
    public ImmutableArray<string> To { get; private set; } = [];

    /// <summary>The message it answers, or null.</summary>
    public MessageModel? Answers { get; set; }

    public bool IsEmpty => string.IsNullOrWhiteSpace(Body);

    public void Direct(string agent)
    {
        if (agent.Length > 0 && !To.Contains(agent))
        {
            To = To.Add(agent);
        }
    }

    public void Undirect(string agent) => To = To.Remove(agent);

    /// <summary>The parameters of <c>_send_message</c>.</summary>
    public JsonElement Read()
    {
        var message = new JsonObject { ["body"] = Body.Trim(), ["kind"] = string.IsNullOrWhiteSpace(Kind) ? "chat" : Kind.Trim() };
        if (!To.IsEmpty)
        {
            message["to"] = To.Length == 1 ? To[0] : new JsonArray([.. To.Select(agent => (JsonNode)agent)]);
        }

        if (Answers is { } answered)
        {
            message["reply_to"] = answered.Seq;
        }

        return JsonSerializer.SerializeToElement(message);
    }

    /// <summary>After it was sent: the next one has the same kind and recipients, and answers nothing.</summary>
    public void Sent() => (Body, Answers) = ("", null);
}
