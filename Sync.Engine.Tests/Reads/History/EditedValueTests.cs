using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Tests.Reads.History;

/// <summary>Writes that change part of a value: what they cost, what they answer, and that the past is told right although the log holds the parts only.</summary>
public sealed class EditedValueTests
{
    private const string Actions = """
        [{"id":"set","params":{"v":{}},"writes":[{"key":"k","value":"${params.v}"}]},
         {"id":"append","params":{"v":{}},"writes":[{"key":"k","append":true,"value":"${params.v}"}]},
         {"id":"merge","params":{"v":{}},"writes":[{"key":"k","merge":"${params.v}"}]},
         {"id":"put","params":{"v":{},"at":{}},"writes":[{"key":"k","path":"${params.at}","value":"${params.v}"}]},
         {"id":"push","params":{"v":{},"at":{}},"writes":[{"key":"k","path":"${params.at}","append":true,"value":"${params.v}"}]},
         {"id":"mix","params":{"v":{},"at":{}},"writes":[{"key":"k","path":"${params.at}","merge":"${params.v}"}]},
         {"id":"count","params":{"v":{},"at":{}},"writes":[{"key":"k","path":"${params.at}","increment":"${params.v}"}]},
         {"id":"twice","params":{"v":{}},"writes":[{"key":"k","path":"first","value":"${params.v}"},{"key":"k","path":"second","value":"${params.v}"},{"key":"k","merge":{"third":"${params.v}"}}]},
         {"id":"drop","writes":[{"key":"k","delete":true}]}]
        """;

    [Fact]
    public async Task Append_ToALongList_CostsTheElementInLogAndAnswer()
    {
        await using var host = await RoomAsync();
        var element = new JsonObject { ["text"] = new string('x', 75) };
        await host.InvokeAsync(host.Owner, "r", "set", new JsonObject { ["v"] = new JsonArray([.. Enumerable.Range(0, 10_000).Select(_ => element.DeepClone())]) }.ToJsonString());

        var answer = await host.InvokeAsync(host.Owner, "r", "append", new JsonObject { ["v"] = element.DeepClone() }.ToJsonString());

        Assert.InRange(answer.ToJsonString().Length, 1, 600);
        Assert.InRange((await BodyAsync(host, answer["seq"].Number())).Length, 1, 600);
        var write = answer["writes"]![0]!;
        Assert.Equal((10_000, 2), (write["index"].Number(), write["revision"].Number()));
        JsonAssert.Equal(element.ToJsonString(), write["element"]);
        Assert.Null((await host.LoadedAsync("r")).Feed.Newest(1)[0].Changes[0].Value);
        Assert.Null(write["value"]);
        Assert.Null(write["version"]);
        await host.RestartAsync();
        Assert.Equal(10_001, (await host.EvalAsync(host.Owner, "r", "size(state._shared.k)")).Number());
        Assert.Equal(CanonicalJson.Version(JsonText.Of(await host.StoredAsync("r", "_shared", "k"))), (await host.LoadedAsync("r")).Published.Find("_shared", "k")!.Version);
    }

    [Theory]
    [InlineData("append", """{"v":2}""", "[1]", """{"index":1,"element":2,"value":[1,2]}""")]
    [InlineData("append", """{"v":2}""", null, """{"index":0,"element":2,"value":[2]}""")]
    [InlineData("append", """{"v":2}""", "5", """{"index":1,"element":2,"value":[5,2]}""")]
    [InlineData("merge", """{"v":{"a":null,"b":2}}""", """{"a":1}""", """{"members":{"a":null,"b":2},"value":{"b":2}}""")]
    [InlineData("count", """{"v":2,"at":"n"}""", """{"n":5}""", """{"path":"n","sum":7,"value":{"n":7}}""")]
    [InlineData("put", """{"v":2,"at":"a.b"}""", "{}", """{"path":"a.b","set":2,"value":{"a":{"b":2}}}""")]
    [InlineData("push", """{"v":2,"at":"a"}""", """{"a":[0,0]}""", """{"path":"a","index":2,"element":2,"value":{"a":[0,0,2]}}""")]
    public async Task Answer_OfACombiningMode_SaysWhatItChanged(string action, string parameters, string? before, string expected)
    {
        await using var host = await RoomAsync();
        if (before is not null)
        {
            await host.InvokeAsync(host.Owner, "r", "set", $$"""{"v":{{before}}}""");
        }

        foreach (var dryRun in new[] { true, false })
        {
            var write = (await host.InvokeAsync(host.Owner, "r", action, parameters, dryRun: dryRun))["writes"]![0]!.AsObject();
            Assert.Equal(VersionOf(write["value"]), write["version"].Text());
            Assert.Equal(before is null ? 1 : 2, write["revision"].Number());
            foreach (var name in new[] { "scope", "key", "version", "revision" })
            {
                write.Remove(name);
            }

            JsonAssert.Equal(expected, write);
        }
    }

    [Theory]
    [InlineData("append", """{"v":2}""")]
    [InlineData("merge", """{"v":{"b":2}}""")]
    [InlineData("put", """{"v":2,"at":"a.b"}""")]
    [InlineData("push", """{"v":2,"at":"list"}""")]
    [InlineData("mix", """{"v":{"x":1},"at":"o"}""")]
    [InlineData("count", """{"v":2,"at":"n"}""")]
    [InlineData("twice", """{"v":2}""")]
    public async Task Edit_OfALongValue_IsShortInLogAuditStreamAndAnswer_AndWholeInEventAndHistory(string action, string parameters)
    {
        await using var host = await RoomAsync();
        var pad = new string('p', 20_000);
        await host.InvokeAsync(host.Owner, "r", "set", action == "append" ? $$"""{"v":["{{pad}}"]}""" : $$"""{"v":{"pad":"{{pad}}","n":1,"list":[1]} }""");
        var before = (await host.StoredAsync("r", "_shared", "k"))!.ToJsonString();

        var answer = await host.InvokeAsync(host.Owner, "r", action, parameters);

        var after = (await host.StoredAsync("r", "_shared", "k"))!.ToJsonString();
        var seq = answer["seq"].Number();
        Assert.NotEqual(before, after);
        Assert.InRange(answer.ToJsonString().Length, 1, 1_000);
        Assert.InRange((await BodyAsync(host, seq)).Length, 1, 1_000);
        var audit = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", new AuditQuery(seq - 1, 10, null, null, null), EngineHost.Cancel)).Value)["events"]![0]!;
        Assert.InRange(audit.ToJsonString().Length, 1, 1_000);
        Assert.NotEmpty(audit["writes"]![0]!["edits"]!.AsArray());
        JsonAssert.Equal(audit["writes"]!.ToJsonString(), (await StreamedAsync(host, seq))["writes"]);

        var write = EngineHost.Node((await host.Engine.History.EventAsync(host.Owner, "r", seq, EngineHost.Cancel)).Value)["writes"]![0]!;
        JsonAssert.Equal(before, write["before"]!["value"]);
        JsonAssert.Equal(after, write["value"]);
        Assert.Equal((VersionOf(write["before"]!["value"]), VersionOf(write["value"])), (write["before"]!["version"].Text(), write["version"].Text()));
        var history = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "k", null, 10, EngineHost.Cancel)).Value)["history"]!;
        JsonAssert.Equal(after, history[0]!["value"]);
        JsonAssert.Equal(before, history[1]!["value"]);
        JsonAssert.Equal(after, EngineHost.Node((await host.Engine.History.ReplayAsync(host.Owner, "r", seq, EngineHost.Cancel)).Value)["state"]!["_shared"]!["k"]!["value"]);
        JsonAssert.Equal(before, (await host.ContextAsync(host.Owner, "r", $"at={seq - 1}"))["state"]!["_shared"]!["k"]);
    }

    [Fact]
    public async Task Edits_OfManyKinds_GiveThePastAsItWas_AcrossRestartsAndExport()
    {
        await using var host = await RoomAsync();
        await s_edits.Array[20, 60].SampleAsync(edits => CheckAsync(host, edits), iter: 12, threads: 1);
    }

    [Fact]
    public async Task History_OfALongList_EndsItsPagesEarlyAndMissesNothing()
    {
        await using var host = await RoomAsync();
        await host.InvokeAsync(host.Owner, "r", "set", $$"""{"v":["{{new string('x', 600_000)}}"]}""");
        for (var i = 1; i <= 12; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "append", $$"""{"v":{{i}}}""");
        }

        var lengths = new List<int>();
        for (long? before = null; ;)
        {
            var json = (await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "k", before, 500, EngineHost.Cancel)).Value.Json;
            Assert.InRange(json.Length, 1, 3_000_000);
            var page = EngineHost.Node(json);
            lengths.AddRange(page["history"]!.AsArray().Select(step => step!["value"]!.AsArray().Count));
            before = page["next_before"]?.Number();
            if (before is null)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(1, 13).Reverse(), lengths);
    }

    [Fact]
    public async Task Edits_ManyInARow_MakeTheLogHoldTheWholeAgain()
    {
        await using var host = await RoomAsync();
        await host.InvokeAsync(host.Owner, "r", "set", $$"""{"v":["{{new string('x', 8_000)}}"]}""");
        for (var i = 0; i < 400; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "append", """{"v":"0123456789"}""");
        }

        var room = await host.LoadedAsync("r");
        var events = (await host.Engine.Database.Rooms.ReadEventsAsync(room.Record.Row, 0, long.MaxValue, 1_000, EngineHost.Cancel)).Rows.Select(RoomEventJson.Read).Where(e => e.Action == "append").ToList();

        Assert.InRange(events.Count(e => e.Changes[0].HoldsValue), 1, 3);
        Assert.True(events.Sum(e => RoomEventJson.Write(e).Length) < 400 * 300);
        Assert.Equal(400, events.Count);
    }

    [Theory]
    [InlineData(1, 10, 10, 512, true)]
    [InlineData(1, 10, 10, 513, false)]
    [InlineData(1, 200, 200, 800, true)]
    [InlineData(255, 100_000, 10, 100_000, false)]
    [InlineData(256, 24_999, 10, 100_000, false)]
    [InlineData(256, 25_000, 10, 100_000, true)]
    [InlineData(EditTally.MaxCount - 1, 10_000, 10, 1_000_000, false)]
    [InlineData(EditTally.MaxCount, 10_000, 10, 1_000_000, true)]
    public void Tally_AsksForTheWhole_WhenItIsCheapOrTheWalkWouldBeLong(int count, long bytes, long newest, int value, bool expected) =>
        Assert.Equal(expected, new EditTally(count, bytes).AsksForWhole(newest, value));

    [Fact]
    public async Task Edit_OfAValueWhoseTimerIsOver_BeginsAnew()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"lease","params":{"v":{}},"writes":[{"key":"k","value":"${params.v}","timer":{"ms":1000,"effect":"delete"}}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"append","params":{"v":{}},"writes":[{"key":"k","append":true,"value":"${params.v}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "lease", $$"""{"v":["{{new string('x', 5_000)}}"]}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        await host.InvokeAsync(host.Owner, "r", "append", """{"v":1}""");
        await host.RestartAsync();

        JsonAssert.Equal("[1]", await host.StoredAsync("r", "_shared", "k"));
    }

    private static readonly Gen<(string Action, string Parameters)> s_edits = Gen.Select(
        Gen.Int[0, 99],
        Gen.Int[0, 9],
        Gen.Int[0, 30],
        static (kind, at, size) =>
        {
            var path = new[] { "a", "b", "a.b", "list", "n", "o.p.q", "list.0", "c", "d", "e" }[at];
            var value = size > 25 ? $"\"{new string('v', size * 60)}\"" : $"{size}";
            return kind switch
            {
                < 3 => ("drop", "{}"),
                < 8 => ("set", $$"""{"v":{"pad":"{{new string('p', 3_000 + size)}}","n":1,"list":[0],"a":{} } }"""),
                < 12 => ("set", $$"""{"v":["{{new string('p', 5_000 + size)}}"]}"""),
                < 40 => ("append", $$"""{"v":{{value}}}"""),
                < 55 => ("merge", $$"""{"v":{"{{path}}":{{value}},"m":null,"o":{"x":{{value}} } } }"""),
                < 70 => ("put", $$"""{"v":{{value}},"at":"{{path}}"}"""),
                < 80 => ("push", $$"""{"v":{{value}},"at":"{{path}}"}"""),
                < 88 => ("mix", $$"""{"v":{"y":{{value}}},"at":"{{path}}"}"""),
                < 94 => ("count", $$"""{"v":0.1,"at":"{{path}}"}"""),
                _ => ("twice", $$"""{"v":{{value}}}"""),
            };
        });

    private static async Task CheckAsync(EngineHost host, (string Action, string Parameters)[] edits)
    {
        await host.InvokeAsync(host.Owner, "r", "drop");
        var expected = new List<(long Seq, string? Value)>();
        for (var i = 0; i < edits.Length; i++)
        {
            if ((await host.TryInvokeAsync(host.Owner, "r", edits[i].Action, edits[i].Parameters)).Try(out var answer, out _))
            {
                expected.Add((answer["seq"].Number(), (await host.StoredAsync("r", "_shared", "k"))?.ToJsonString()));
            }

            if (i == edits.Length / 2)
            {
                await host.RestartAsync();
                Assert.Equal(expected[^1].Value, (await host.StoredAsync("r", "_shared", "k"))?.ToJsonString());
            }
        }

        foreach (var (seq, value) in expected)
        {
            var e = EngineHost.Node((await host.Engine.History.EventAsync(host.Owner, "r", seq, EngineHost.Cancel)).Value);
            var write = e["writes"]?.AsArray().FirstOrDefault();
            Assert.Equal(value, write?["value"]?.ToJsonString());
            Assert.Equal(value, (await host.ContextAsync(host.Owner, "r", $"at={seq}&peek=true"))["state"]!["_shared"]!["k"]?.ToJsonString());
        }

        var steps = new List<JsonNode>();
        for (long? before = null; ;)
        {
            var page = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "k", before, 7, EngineHost.Cancel)).Value);
            steps.AddRange(page["history"]!.AsArray().Select(step => step!));
            before = page["next_before"]?.Number();
            if (before is null || before < expected[0].Seq)
            {
                break;
            }
        }

        foreach (var (seq, value) in expected)
        {
            // A deletion of what was not there is no write.
            Assert.Equal(value, steps.Find(step => step["seq"].Number() == seq)?["value"]?.ToJsonString());
        }

        var copy = new MemoryStream();
        await host.Engine.History.ExportAsync(host.Owner, "r", copy, EngineHost.Cancel);
        var state = RoomState.Empty;
        foreach (var line in Encoding.UTF8.GetString(copy.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var json = JsonNode.Parse(line)!;
            state = state.Apply(RoomEventJson.Read(new(
                json["seq"].Number(),
                json["at"]!.GetValue<DateTimeOffset>(),
                json["kind"].Text(),
                json["agent"]?.Text(),
                json["action"]?.Text(),
                json["ok"].Flag(),
                Encoding.UTF8.GetBytes(json["body"]!.ToJsonString()))));
        }

        Assert.Equal(expected[^1].Value, state.Find("_shared", "k")?.Value.ToNode()?.ToJsonString());
    }

    private static async Task<EngineHost> RoomAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var action in JsonNode.Parse(Actions)!.AsArray())
        {
            await host.RegisterAsync(host.Owner, "r", action!.ToJsonString());
        }

        return host;
    }

    private static async Task<byte[]> BodyAsync(EngineHost host, long seq) =>
        (await host.Engine.Database.Rooms.EventAsync((await host.LoadedAsync("r")).Record.Row, seq, EngineHost.Cancel))!.Body;

    private static async Task<JsonNode> StreamedAsync(EngineHost host, long seq)
    {
        await foreach (var e in (await host.Engine.Live.EventsAsync(host.Owner, "r", seq - 1, parameter: "since", EngineHost.Cancel)).Value)
        {
            return EngineHost.Node(e.Json);
        }

        throw new InvalidOperationException("The stream ended.");
    }

    private static string VersionOf(JsonNode? value) => CanonicalJson.Version(JsonText.Of(value));
}
