using System.Text.Json.Nodes;
using Sync.Engine.Identity;

namespace Sync.Engine.Tests.Model.Messages;

/// <summary>What is unread and what is to be answered, against a model that keeps every message and looks through all of them.</summary>
public sealed class ToAnswerTests
{
    private static readonly string[] s_agents = ["ann", "bob", "cy"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Figures_AfterAnything_AreThoseOfTheModel(int seed)
    {
        var random = new Random(seed);
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var callers = new Dictionary<string, Caller>(StringComparer.Ordinal);
        foreach (var agent in s_agents)
        {
            callers[agent] = await host.JoinAsync("r", agent);
        }

        var sent = new List<Sent>();
        var read = s_agents.ToDictionary(agent => agent, _ => 0L, StringComparer.Ordinal);
        for (var step = 0; step < 120; step++)
        {
            var agent = s_agents[random.Next(s_agents.Length)];
            switch (random.Next(10))
            {
                case < 6:
                    await SendAsync(agent);
                    break;
                case < 8:
                    var whole = await host.ContextAsync(callers[agent], "r", "only=messages");
                    Assert.Equal(Unread(agent).Select(message => message.Seq), Numbers(whole, message => message["unread"].Flag()));
                    read[agent] = sent.Count;
                    break;
                case 8:
                    var limit = random.Next(1, 4);
                    var some = await host.ContextAsync(callers[agent], "r", $"messages=unread&messages_limit={limit}");
                    var expected = Unread(agent).Select(message => message.Seq).Take(limit).ToList();
                    Assert.Equal(expected, Numbers(some, _ => true));
                    read[agent] = expected.Count == 0 ? read[agent] : expected[^1];
                    break;
                default:
                    await host.RestartAsync();
                    foreach (var name in s_agents)
                    {
                        callers[name] = await AgainAsync(host, name);
                    }

                    break;
            }

            foreach (var name in s_agents)
            {
                var figures = (await host.ContextAsync(callers[name], "r", "only=messages&peek=true&messages_limit=1"))["messages"]!;
                Assert.Equal((sent.Count, Unread(name).Count(), Unread(name).Count(message => message.To.Contains(name))), (figures["count"].Number(), figures["unread"].Number(), figures["directed_unread"].Number()));
                Assert.Equal(ToAnswer(name), figures["to_answer"]!.AsArray().Select(number => number.Number()));
                Assert.Equal(ToAnswer(name), (await host.EvalAsync(callers[name], "r", "messages.to_answer.map(m, m.seq)"))!.AsArray().Select(number => number.Number()));
            }
        }

        async Task SendAsync(string from)
        {
            var to = random.Next(3) == 0 ? [] : s_agents.Where(_ => random.Next(2) == 0).ToArray();
            var kind = random.Next(2) == 0 ? "question" : "chat";
            long? replyTo = sent.Count > 0 && random.Next(2) == 0 ? ToAnswer(from).FirstOrDefault() is > 0 and var open && random.Next(2) == 0 ? open : random.Next(1, sent.Count + 1) : null;
            sent.Add(new Sent(sent.Count + 1, from, kind, to, replyTo));
            var parameters = new JsonObject { ["body"] = "x", ["kind"] = kind, ["to"] = new JsonArray([.. to.Select(one => (JsonNode)one)]), ["reply_to"] = replyTo };
            await host.InvokeAsync(callers[from], "r", "_send_message", parameters.ToJsonString());
        }

        IEnumerable<Sent> Unread(string agent) => sent.Where(message => message.Seq > read[agent] && message.From != agent);

        IEnumerable<long> ToAnswer(string agent) => sent
            .Where(message => message.Kind == "question" && message.From != agent && message.To.Contains(agent) && !sent.Exists(later => later.From == agent && later.ReplyTo == message.Seq && later.Seq > message.Seq))
            .Select(message => message.Seq);
    }

    private static IEnumerable<long> Numbers(JsonNode context, Func<JsonNode, bool> which) =>
        context["messages"]!["recent"]!.AsArray().Where(message => which(message!)).Select(message => message!["seq"].Number());

    private static async Task<Caller> AgainAsync(EngineHost host, string agent)
    {
        var joined = (await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json($$"""{"id":"{{agent}}"}"""), EngineHost.Cancel)).Value;
        return await host.CallerAsync(EngineHost.Node(joined.Json)["token"].Text());
    }

    private sealed record Sent(long Seq, string From, string Kind, IReadOnlyList<string> To, long? ReplyTo);
}
