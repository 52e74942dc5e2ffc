using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Services.Maintenance;
using Sync.Engine.Storage.Sqlite;
using Upkeep = Sync.Engine.Services.Maintenance.Maintenance;

namespace Sync.Engine.Tests.Commands.Causality;

/// <summary>Random lives of a room: what every event says it follows from is earlier and of that kind, and from each cause exactly those are found that name it; also after a restart, in a copy and in a backup.</summary>
public sealed class CausePropertyTests
{
    private const string Set = """{"id":"set","params":{"v":{}},"if":"params.v != 0","writes":[{"key":"k","value":"${params.v}"}]}""";

    private static readonly string[] s_agents = ["ann", "bob", "cleo"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Causes_OfARandomLife_AreFoundBothWays(int seed)
    {
        var random = new Random(seed);
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        var agents = new List<Caller>();
        foreach (var agent in s_agents)
        {
            agents.Add(await host.JoinAsync("r", agent));
        }

        var expected = new Dictionary<long, string>();
        var messages = new List<long>();
        for (var step = 0; step < 120; step++)
        {
            var agent = agents[random.Next(agents.Count)];
            await StepAsync(host, random, agent, expected, messages);
        }

        await host.SettleAsync("r");
        var events = await ReadAsync(host, "r");
        foreach (var (seq, because) in expected)
        {
            Assert.Equal(because, events[(int)seq - 1]["because"]?.ToJsonString() ?? "");
        }

        AssertLinked(events, messages);
        await AssertCopiesAsync(host, events);
    }

    private static async Task StepAsync(EngineHost host, Random random, Caller agent, Dictionary<long, string> expected, List<long> messages)
    {
        var last = (await host.LoadedAsync("r")).Published.Seq;
        switch (random.Next(5))
        {
            case 0:
                var reply = messages.Count > 0 && random.Next(2) == 0 ? random.Next(messages.Count) + 1 : 0;
                var sent = await InvokeAsync(host, agent, "_send_message", $$"""{"params":{"body":"x","to":["{{s_agents[random.Next(s_agents.Length)]}}"]{{(reply > 0 ? $",\"reply_to\":{reply}" : "")}} } }""");
                messages.Add(sent);
                if (reply > 0)
                {
                    expected[sent] = $$"""{"message":{{reply}},"seq":{{messages[reply - 1]}}}""";
                }

                break;
            case 1:
                var named = random.Next((int)last) + 1;
                expected[await InvokeAsync(host, agent, "set", $$"""{"params":{"v":1},"because":{"seq":{{named}}} }""")] = $$"""{"seq":{{named}}}""";
                break;
            case 2 when messages.Count > 0:
                var number = random.Next(messages.Count) + 1;
                expected[await InvokeAsync(host, agent, "set", $$"""{"params":{"v":1},"because":{"message":{{number}}} }""")] = $$"""{"message":{{number}},"seq":{{messages[number - 1]}}}""";
                break;
            case 3:
                var woken = await host.WaitAsync(agent, "r", "messages.count >= 0 && state._shared.k != 2");
                if (woken["woken_by"] is { } seq)
                {
                    expected[await InvokeAsync(host, agent, "set", """{"params":{"v":1}}""")] = $$"""{"wake":{{seq}},"seq":{{seq}}}""";
                }

                break;
            default:
                Assert.NotNull((await host.TryInvokeAsync(agent, "r", "set", """{"v":0}""")).Error);
                break;
        }
    }

    private static async Task<long> InvokeAsync(EngineHost host, Caller agent, string action, string body) =>
        EngineHost.Node((await host.Engine.Actions.InvokeAsync(agent, "r", action, InvokeRequest.Parse(EngineHost.Json(body), idempotencyKey: null).Value, EngineHost.Cancel)).Value.Json)["seq"].Number();

    private static void AssertLinked(List<JsonObject> events, List<long> messages)
    {
        var followers = events.ToDictionary(static e => e["seq"].Number(), static _ => new List<long>());
        foreach (var e in events)
        {
            var seq = e["seq"].Number();
            foreach (var cause in (e["because"] is { } first ? [first] : Array.Empty<JsonNode>()).Concat(e["also_because"]?.AsArray().OfType<JsonNode>() ?? []))
            {
                Assert.True(cause["seq"].Number() < seq);
                Assert.True(cause["message"] is not { } message || messages[(int)message.Number() - 1] == cause["seq"].Number());
                followers[cause["seq"].Number()].Add(seq);
            }
        }

        foreach (var e in events)
        {
            Assert.Equal(followers[e["seq"].Number()], e["followed"]!.AsArray().Select(static later => later!["seq"].Number()));
        }
    }

    private static async Task AssertCopiesAsync(EngineHost host, List<JsonObject> events)
    {
        var whole = events.Select(static e => e.ToJsonString()).ToList();
        using var copy = new MemoryStream();
        Assert.Null((await host.Engine.History.ExportAsync(host.Owner, "r", copy, EngineHost.Cancel)).Error);
        copy.Position = 0;
        Assert.Null((await RoomImport.RunAsync(host.Engine.Database, copy, "copy", EngineHost.Cancel)).Error);
        var backup = Path.Combine(host.Directory, "backup.db");
        await using (var maintenance = (await Upkeep.OpenAsync(host.Directory, create: false, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, EngineHost.Cancel)).Value)
        {
            Assert.Null((await maintenance.BackupAsync(backup, EngineHost.Cancel)).Error);
        }

        var links = await LinksAsync(host.Engine.Database, "r");
        Assert.NotEmpty(links);
        await host.RestartAsync();

        // What was still counted of refusals is logged when the room is closed.
        Assert.Equal(whole, (await ReadAsync(host, "r")).Take(whole.Count).Select(static e => e.ToJsonString()));
        Assert.Equal(links, await LinksAsync(host.Engine.Database, "copy"));
        Assert.Empty(Upkeep.Check(host.Directory).Value.Problems);
        var restored = Directory.CreateDirectory(Path.Combine(host.Directory, "restored")).FullName;
        File.Copy(backup, Path.Combine(restored, "sync.db"));
        await using var database = await Database.OpenAsync(restored, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, EngineHost.Cancel);
        Assert.Equal(links, await LinksAsync(database, "r"));
    }

    private static async Task<List<(long Cause, long Seq)>> LinksAsync(Database database, string room) =>
        await database.ReadAsync(reader => reader.All("SELECT cause, seq FROM event_causes WHERE room = (SELECT row FROM rooms WHERE id = $1) ORDER BY cause, seq", static row => (row.GetInt64(0), row.GetInt64(1)), room), EngineHost.Cancel);

    private static async Task<List<JsonObject>> ReadAsync(EngineHost host, string room)
    {
        List<JsonObject> events = [];
        for (var seq = 1; seq <= (await host.LoadedAsync(room)).Published.Seq; seq++)
        {
            events.Add(EngineHost.Node((await host.Engine.History.EventAsync(host.Owner, room, seq, EngineHost.Cancel)).Value.Json));
        }

        return events;
    }
}
