using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Surfaces;

/// <summary>
/// The documented loop of an agent that answers, step by step as help and SKILL.md say it, over HTTP and over MCP: with old messages in the room, a wait whose answer was lost, and
/// an agent that was restarted and remembers nothing of before.
/// </summary>
public sealed class MessageLoopTests(SyncHost host)
{
    private const string Condition = "messages.directed_unread > 0 || size(messages.to_answer) > 0";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loop_OldMessagesAndALostAnswer_AnswersEachQuestionOnce(bool overMcp)
    {
        var room = await host.RoomAsync();
        var bob = (await room.JoinAsync("bob")).Token!; // A join answers it.
        await SendAsync(room.Owner, room.Path, "old, for all", "chat");
        await SendAsync(room.Owner, room.Path, "first", "question", "bob");
        await SendAsync(room.Owner, room.Path, "for the record", "chat", "bob");
        await using (var agent = await Agent.OpenAsync(host, bob, room.Id, overMcp))
        {
            Assert.Equal(["first"], await agent.ServeOnceAsync());

            // Read, and the answer lost: nothing is unread any more, and the question stands.
            await SendAsync(room.Owner, room.Path, "second", "question", "bob");
            await agent.WaitAsync();
        }

        await using var again = await Agent.OpenAsync(host, bob, room.Id, overMcp);
        Assert.Equal(["second"], await again.ServeOnceAsync());
        Assert.Equal([], await again.ServeOnceAsync());
        await SendAsync(room.Owner, room.Path, "third", "question", "bob");
        await SendAsync(room.Owner, room.Path, "fourth", "question", "bob");
        Assert.Equal(["third", "fourth"], await again.ServeOnceAsync());
        Assert.Equal([], await again.ServeOnceAsync());

        var all = (await room.Owner.GetAsync($"{room.Path}/context?only=messages")).AssertOk()["messages"].GetProperty("recent").EnumerateArray().ToList();
        var replies = all.Where(message => message.GetProperty("from").GetString() == "bob").ToList();
        Assert.Equal(["first", "second", "third", "fourth"], replies.Select(reply => reply.GetProperty("body").GetString()!["re: ".Length..]));
        Assert.All(replies, reply => Assert.Equal(
            reply.GetProperty("body").GetString(),
            $"re: {all.Single(message => message.GetProperty("seq").GetInt64() == reply.GetProperty("reply_to").GetInt64()).GetProperty("body").GetString()}"));
    }

    private static async Task SendAsync(ApiClient client, string path, string body, string kind, params string[] to) =>
        (await client.PostAsync($"{path}/actions/_send_message/invoke", new { @params = new { body, kind, to } })).AssertOk();

    /// <summary>The agent that follows the loop. It keeps nothing between two rounds.</summary>
    private sealed class Agent(ApiClient client, McpConnection? mcp, string room) : IAsyncDisposable
    {
        public static async Task<Agent> OpenAsync(SyncHost host, string token, string room, bool overMcp)
        {
            if (!overMcp)
            {
                return new(host.Client(token), mcp: null, room);
            }

            var mcp = await McpConnection.OpenAsync(host, token);
            await mcp.OkAsync("sync_embody", new { room, agent = "bob" });
            return new(host.Client(token), mcp, room);
        }

        /// <summary>One round: wait, answer each number in to_answer. Gives the questions it answered.</summary>
        public async Task<List<string>> ServeOnceAsync()
        {
            var answered = new List<string>();
            var waited = await WaitAsync();
            if (!waited["triggered"]!.GetValue<bool>())
            {
                return answered;
            }

            var messages = waited["context"]!["messages"]!;
            var recent = messages["recent"]!.AsArray();
            Assert.All(recent, message => Assert.True(message!["unread"]!.GetValue<bool>()));
            var open = messages["to_answer"]!.AsArray().Select(number => number!.GetValue<long>()).ToList();
            foreach (var number in open)
            {
                var question = recent.FirstOrDefault(message => message!["seq"]!.GetValue<long>() == number)
                    ?? (await CallAsync("sync_eval_cel", "eval", new JsonObject { ["expr"] = "messages.to_answer" }))["value"]!.AsArray().First(message => message!["seq"]!.GetValue<long>() == number)!;
                var body = question["body"]!.GetValue<string>();
                var reply = new JsonObject { ["body"] = $"re: {body}", ["to"] = new JsonArray(question["from"]!.GetValue<string>()), ["reply_to"] = number };
                await CallAsync("sync_send_message", "actions/_send_message/invoke", reply);
                answered.Add(body);
            }

            return answered;
        }

        public Task<JsonNode> WaitAsync() =>
            CallAsync("sync_wait", "wait", new JsonObject { ["condition"] = Condition, ["only"] = "messages", ["messages"] = "unread", ["timeout"] = 200 });

        public async ValueTask DisposeAsync()
        {
            if (mcp is not null)
            {
                await mcp.DisposeAsync();
            }
        }

        private async Task<JsonNode> CallAsync(string tool, string path, JsonObject arguments)
        {
            if (mcp is null)
            {
                var body = path.EndsWith("/invoke", StringComparison.Ordinal) ? new JsonObject { ["params"] = arguments } : arguments;
                return JsonNode.Parse((await client.PostAsync($"/rooms/{room}/{path}", body)).AssertOk().Text)!;
            }

            arguments["room"] = room;
            return JsonNode.Parse((await mcp.OkAsync(tool, arguments.Deserialize<Dictionary<string, object?>>()!)).GetRawText())!; // An object.
        }
    }
}
