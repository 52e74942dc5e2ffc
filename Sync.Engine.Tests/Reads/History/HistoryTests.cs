using System.Text.Json.Nodes;
using Sync.Engine.Model.Events;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Tests.Reads.History;

public sealed class HistoryTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"v":{}},"writes":[{"key":"${params.key}","value":"${params.v}"}]}""";
    private const string Drop = """{"id":"drop","params":{"key":{"type":"string"}},"writes":[{"key":"${params.key}","delete":true}]}""";

    [Fact]
    public async Task Key_AcrossDeletionsAndTimers_ShowsEveryStep()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", Set);
        await host.RegisterAsync(alice, "r", Drop);
        await host.RegisterAsync(alice, "r", """{"id":"lease","writes":[{"key":"k","value":"lease","timer":{"ms":1000,"effect":"delete"}}]}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"k","v":1}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"other","v":0}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"k","v":2}""");
        await host.InvokeAsync(alice, "r", "drop", """{"key":"k"}""");
        await host.InvokeAsync(alice, "r", "lease");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
        await AssertAsync("timer_fired:deleted lease:\"lease\" drop:deleted set:2 set:1");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"k","v":3}""");
        await host.RestartAsync();

        await AssertAsync("set:3 timer_fired:deleted lease:\"lease\" drop:deleted set:2 set:1");

        async Task AssertAsync(string expected)
        {
            var whole = await PageAsync(null, 100);
            Assert.Equal(expected, string.Join(' ', whole.Steps.Select(Text)));
            Assert.Null(whole.Next);
            var paged = new List<JsonNode>();
            for (long? before = null; ;)
            {
                var page = await PageAsync(before, 2);
                paged.AddRange(page.Steps);
                before = page.Next;
                if (before is null)
                {
                    break;
                }
            }

            Assert.Equal(expected, string.Join(' ', paged.Select(Text)));
        }

        async Task<(List<JsonNode> Steps, long? Next)> PageAsync(long? before, int limit)
        {
            var page = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "k", before, limit, EngineHost.Cancel)).Value);
            return ([.. page["history"]!.AsArray().Select(h => h!)], page["next_before"]?.Number());
        }

        static string Text(JsonNode step) => $"{step["via"].Text()}:{(step["deleted"] is null ? step["value"]!.ToJsonString() : "deleted")}";
    }

    [Fact]
    public async Task Key_ThatNeverWas_HasNoHistory()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        JsonAssert.Equal("""{"scope":"_shared","key":"k","history":[]}""", EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "k", null, 10, EngineHost.Cancel)).Value));
    }

    [Theory]
    [InlineData("_shared", "k", 0, "invalid_parameter")]
    [InlineData("_shared", "k", 501, "invalid_parameter")]
    [InlineData("_shared", "", 10, "invalid_id")]
    [InlineData("no scope", "k", 10, "invalid_id")]
    public async Task Key_BadQuestion_IsRefused(string scope, string key, int limit, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.Engine.History.KeyAsync(host.Owner, "r", scope, key, null, limit, EngineHost.Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Replay_OfEveryEvent_IsTheRoomAsItWas()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        var seqs = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            seqs.Add((await host.InvokeAsync(host.Owner, "r", "set", $$"""{"key":"k{{i % 2}}","v":{{i}} }"""))["seq"].Number());
        }

        string[] expected = ["""{"k0":0}""", """{"k0":0,"k1":1}""", """{"k0":2,"k1":1}""", """{"k0":2,"k1":3}"""];
        foreach (var (seq, state) in seqs.Zip(expected))
        {
            var replay = EngineHost.Node((await host.Engine.History.ReplayAsync(host.Owner, "r", seq, EngineHost.Cancel)).Value);
            Assert.Equal((seq, seq, "set"), (replay["seq"].Number(), replay["event"]!["seq"].Number(), replay["event"]!["action"].Text()));
            JsonAssert.Equal(state, new JsonObject(replay["state"]!["_shared"]!.AsObject().Select(e => KeyValuePair.Create(e.Key, e.Value!["value"]?.DeepClone()))));
        }

        Assert.Equal("invalid_parameter", (await host.Engine.History.ReplayAsync(host.Owner, "r", 0, EngineHost.Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.Engine.History.ReplayAsync(host.Owner, "r", 1_000, EngineHost.Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Audit_Filters()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", Set);
        await host.InvokeAsync(bob, "r", "set", """{"key":"a","v":1}""");
        await host.RefusedAsync(bob, "r", "set", """{"key":5}""");
        var last = (await host.InvokeAsync(alice, "r", "set", """{"key":"a","v":2}"""))["seq"].Number();

        Assert.Equal([last, last - 2], Seqs(await AuditAsync(new AuditQuery(null, 10, null, "set", true))));
        Assert.Equal([last - 1], Seqs(await AuditAsync(new AuditQuery(null, 10, null, null, false))));
        Assert.Equal([last - 2, last - 1], Seqs(await AuditAsync(new AuditQuery(0, 10, "bob", "set", null))));
        Assert.Equal([last], Seqs(await AuditAsync(new AuditQuery(last - 1, 10, null, null, null))));
        Assert.Equal([last, last - 1], Seqs(await AuditAsync(new AuditQuery(null, 2, null, null, null))));
        var refusal = (await AuditAsync(new AuditQuery(null, 10, null, null, false)))[0]!;
        Assert.Equal(("refused", false, "invalid_param_type", 1), (refusal["kind"].Text(), refusal["ok"].Flag(), refusal["error"].Text(), refusal["count"].Number()));
        Assert.NotEmpty(refusal["message"].Text());
        foreach (var limit in (int[])[0, 2_001])
        {
            Assert.Equal("invalid_parameter", (await host.Engine.History.AuditAsync(alice, "r", new AuditQuery(null, limit, null, null, null), EngineHost.Cancel)).Error!.Code.Name);
        }

        async Task<JsonArray> AuditAsync(AuditQuery query) => EngineHost.Node((await host.Engine.History.AuditAsync(alice, "r", query, EngineHost.Cancel)).Value)["events"]!.AsArray();
        static IEnumerable<long> Seqs(JsonArray events) => events.Select(e => e!["seq"].Number());
    }

    [Fact]
    public async Task Refusals_InAFlood_AreFoldedIntoOneEventWithTheirCount()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        for (var i = 0; i < 50; i++)
        {
            await host.RefusedAsync(host.Owner, "r", "nothing");
        }

        await host.RefusedAsync(host.Owner, "r", "else");
        Assert.Equal([("else", 1L), ("nothing", 1L)], await CountsAsync());
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.Equal([("nothing", 49L), ("else", 1L), ("nothing", 1L)], await CountsAsync());
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(5));
        Assert.Equal(3, (await CountsAsync()).Count);

        async Task<List<(string Action, long Count)>> CountsAsync()
        {
            await host.SettleAsync("r");
            var audit = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", new AuditQuery(null, 10, null, null, false), EngineHost.Cancel)).Value);
            return [.. audit["events"]!.AsArray().Select(e => (e!["action"].Text(), e["count"].Number()))];
        }
    }

    [Fact]
    public async Task Refusals_StillCounted_AreLoggedWhenTheServerStops()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        for (var i = 0; i < 10; i++)
        {
            await host.RefusedAsync(host.Owner, "r", "nothing");
        }

        await host.RestartAsync();

        var audit = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", new AuditQuery(null, 10, null, null, false), EngineHost.Cancel)).Value);
        Assert.Equal(10, audit["events"]!.AsArray().Sum(e => e!["count"].Number()));
    }

    [Fact]
    public async Task Poll_BundlesWhatADashboardShows()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"1"}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"k","v":1}""");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"1"}""");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"2"}""");

        var poll = EngineHost.Node((await host.Engine.Context.PollAsync(host.Owner, "r", MessageSelection.All, 1, 2, EngineHost.Cancel)).Value);

        Assert.Equal(["room", "seq", "self", "agents", "state", "messages", "actions", "views", "audit"], poll.Names());
        Assert.Equal(["scope", "key", "value", "version", "revision", "updated_at", "seq", "writer", "via"], poll["state"]![0].Names());
        Assert.Equal("olga", poll["agents"]![0]!["id"].Text());
        Assert.Equal("2", poll["messages"]!["recent"]![0]!["body"].Text());
        Assert.Single(poll["messages"]!["recent"]!.AsArray());
        Assert.Equal(2, poll["audit"]!.AsArray().Count);
        Assert.True(poll["actions"]!["set"]!["available"].Flag());
        JsonAssert.Equal("1", poll["views"]!["v"]!["value"]);
        foreach (var (messages, audit) in ((int, int)[])[(0, 1), (1, 0), (2_001, 1), (1, 2_001)])
        {
            Assert.Equal("invalid_parameter", (await host.Engine.Context.PollAsync(host.Owner, "r", MessageSelection.All, messages, audit, EngineHost.Cancel)).Error!.Code.Name);
        }
    }

    [Theory]
    [InlineData("1 + 1", "2", "int")]
    [InlineData("'a'", "\"a\"", "string")]
    [InlineData("state._shared", "{}", "map")]
    [InlineData("[1, null]", "[1,null]", "list")]
    [InlineData("state._shared.nothing", "null", "null_type")]
    public async Task Eval_AnswersWithValueAndType(string expression, string value, string type)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var answer = EngineHost.Node((await host.Engine.Context.EvalAsync(host.Owner, "r", expression, EngineHost.Cancel)).Value);

        Assert.Equal((expression, type), (answer["expression"].Text(), answer["type"].Text()));
        JsonAssert.Equal(value, answer["value"]);
    }

    [Theory]
    [InlineData("1 +", "invalid_cel")]
    [InlineData("1 / 0", "cel_error")]
    [InlineData("[1,2,3,4,5,6,7,8,9,10].map(a, [1,2,3,4,5,6,7,8,9,10].map(b, [1,2,3,4,5,6,7,8,9,10].map(c, [1,2,3,4,5,6,7,8,9,10].map(d, [1,2,3,4,5,6,7,8,9,10].map(e, [1,2,3,4,5,6,7,8,9,10].map(f, 1))))))", "cel_limit_exceeded")]
    public async Task Eval_WhatFails_IsRefused(string expression, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.Engine.Context.EvalAsync(host.Owner, "r", expression, EngineHost.Cancel)).Error!.Code.Name);
    }
}
