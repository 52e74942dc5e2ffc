using System.Text.Json.Nodes;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime.Waits;

/// <summary>What wakes a wait, and what does not.</summary>
public sealed class WakingTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"v":{},"scope":{"type":"string","default":"_shared"}},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":"${params.v}"}]}""";

    /// <summary>A condition of alice, and what bob does that makes it true: an action with its parameters, a join, or that he is done.</summary>
    public static TheoryData<string, string, string> Wakings => new()
    {
        { "state._shared.a == 1", "set", """{"key":"a","v":1}""" },
        { "state._shared.phase == 'go'", "set", """{"key":"phase","v":"go"}""" },
        { "state._shared.absent != null", "set", """{"key":"absent","v":1}""" },
        { "has(state._shared.brand_new)", "set", """{"key":"brand_new","v":null}""" },
        { "'late' in state._shared", "set", """{"key":"late","v":null}""" },
        { "state._shared.exists(k, k == 'x')", "set", """{"key":"x","v":1}""" },
        { "state._tasks.exists(k, state._tasks[k].open == true)", "set", """{"scope":"_tasks","key":"1","v":{"open":true}}""" },
        { "size(state._shared) > 0", "set", """{"key":"x","v":1}""" },
        { "size(state) > 0 && state._shared.a == 1", "set", """{"key":"a","v":1}""" },
        { "state._fresh.size() > 0", "fresh", "{}" },
        { "state._shared.hidden == 1", "set", """{"key":"show","v":true}""" },
        { "state.self.seen == 1", "whisper", "{}" },
        { "state[self].seen == 1", "whisper", "{}" },
        { "views[\"total\"] > 0", "set", """{"key":"a","v":1}""" },
        { "views.total > 2", "set", """{"key":"a","v":3}""" },
        { "views[\"over\"] == true", "set", """{"key":"a","v":3}""" },
        { "views.double == 4", "set", """{"key":"a","v":2}""" },
        { "views.new_one == 5", "_register_view", """{"id":"new_one","expr":"5"}""" },
        { "'new_one' in views", "_register_view", """{"id":"new_one","expr":"5"}""" },
        { "views.exists(v, v == 'new_one')", "_register_view", """{"id":"new_one","expr":"5"}""" },
        { "views[\"_contested\"] != null", "_register_action", """{"id":"rival","writes":[{"scope":"_fresh","key":"k","value":2}]}""" },
        { "views[\"_contested\"] != null && size(views[\"_contested\"]) > 0", "_register_action", """{"id":"rival","writes":[{"scope":"_fresh","key":"k","value":2}]}""" },
        { "messages.count == 1", "_send_message", """{"body":"x"}""" },
        { "messages.unread > 0", "_send_message", """{"body":"x"}""" },
        { "messages.directed_unread > 0", "_send_message", """{"body":"x","to":["alice"]}""" },
        { "messages.directed_unread == 1", "_send_message", """{"body":"x","to":"alice"}""" },
        { "size(messages.to_answer) > 0", "_send_message", """{"body":"x","kind":"question","to":["alice"]}""" },
        { "messages.to_answer.exists(m, m.from == 'bob')", "_send_message", """{"body":"x","kind":"question","to":"alice"}""" },
        { "size(messages.to_answer) > 0 && messages.to_answer[0].body == 'x'", "_send_message", """{"body":"x","kind":"question","to":"alice"}""" },
        { "actions.gated.available", "set", """{"key":"gate","v":true}""" },
        { "actions.later_on.available", "_register_action", """{"id":"later_on","writes":[]}""" },
        { "state._actions.later_on.description == 'soon'", "_register_action", """{"id":"later_on","description":"soon","writes":[]}""" },
        { "actions.fresh.invocations == 1", "fresh", "{}" },
        { "state._agents.exists(a, a == 'nia')", "join", "{}" },
        { "agents.exists(a, a == 'nia')", "join", "{}" },
        { "agents.bob.status == 'done'", "done", "{}" },
    };

    [Theory]
    [MemberData(nameof(Wakings))]
    public async Task Wait_ForSomething_WakesWhenItHappens(string condition, string action, string parameters)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        foreach (var definition in (string[])
        [
            Set,
            """{"id":"fresh","writes":[{"scope":"_fresh","key":"k","value":1}]}""",
            """{"id":"gated","writes":[],"if":"state._shared.gate == true"}""",
            """{"id":"hide","writes":[{"key":"hidden","value":1,"enabled":"state._shared.show == true"}]}""",
        ])
        {
            await host.RegisterAsync(bob, "r", definition);
        }

        await host.RegisterAsync(alice, "r", """{"id":"whisper","scope":"self","writes":[{"scope":"alice","key":"seen","value":1}]}""");
        await host.InvokeAsync(bob, "r", "hide");
        await host.ViewAsync(bob, "r", """{"id":"total","expr":"state._shared.a"}""");
        await host.ViewAsync(bob, "r", """{"id":"over","expr":"views.total > 2"}""");
        await host.ViewAsync(bob, "r", """{"id":"double","expr":"views.total == null ? 0 : views.total * 2"}""");
        var wait = host.WaitAsync(alice, "r", condition, timeoutMs: 20_000, query: "only=state");
        await host.ParkedAsync("r");

        switch (action)
        {
            case "join":
                await host.JoinAsync("r", "nia");
                break;
            case "done":
                Assert.Null((await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json("""{"status":"done"}"""), EngineHost.Cancel)).Error);
                break;
            default:
                await host.InvokeAsync(bob, "r", action, parameters);
                break;
        }

        var answer = await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel);
        Assert.True(answer["triggered"].Flag());
        JsonAssert.Equal("true", answer["value"]);
        Assert.NotNull(answer["context"]!["state"]);
        Assert.Equal(0, (await host.LoadedAsync("r")).Waits.Count);
    }

    [Theory]
    [InlineData("!has(state._shared.brief)", 1)]
    [InlineData("state._shared.later == 1", 1)]
    [InlineData("views.later == 1", 1)]
    [InlineData("actions.cool.available", 1)]
    [InlineData("agents.bob.status == 'idle'", 300)]
    [InlineData("now >= timestamp('2026-03-01T12:00:07Z')", 7)]
    [InlineData("now.getSeconds() == 3", 3)]
    [InlineData("views.clock > 4", 5)]
    [InlineData("now - agents.bob.last_heartbeat > duration('6s')", 6)]
    public async Task Wait_ForTime_WakesByItself(string condition, int seconds)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock(), new RoomLimits { WaitTimeout = TimeSpan.FromMinutes(10) });
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(bob, "r", """{"id":"put","writes":[{"key":"brief","value":1,"timer":{"ms":1000,"effect":"delete"}},{"key":"later","value":1,"timer":{"ms":1000,"effect":"enable"}}]}""");
        await host.RegisterAsync(bob, "r", """{"id":"cool","writes":[],"on_invoke":{"timer":{"ms":1000,"effect":"enable"}}}""");
        await host.ViewAsync(bob, "r", """{"id":"later","expr":"state._shared.later"}""");
        await host.ViewAsync(bob, "r", """{"id":"clock","expr":"now.getSeconds()"}""");
        await host.InvokeAsync(bob, "r", "put");
        await host.InvokeAsync(bob, "r", "cool");
        var wait = host.WaitAsync(alice, "r", condition, timeoutMs: 600_000, query: "only=state");
        await host.ParkedAsync("r");

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(200));
        Assert.False(wait.IsCompleted);
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(400));

        Assert.True((await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel))["triggered"].Flag());
    }

    [Fact]
    public async Task Wait_ForALogicalTimer_WakesWhenItFires()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.RegisterAsync(host.Owner, "r", """{"id":"hint","writes":[{"key":"hint","value":1,"timer":{"ticks":2,"tick_on":"_shared.turn","effect":"delete"}}]}""");
        await host.InvokeAsync(host.Owner, "r", "hint");
        var waiting = host.WaitAsync(host.Owner, "r", "state._shared.hint == null");
        await host.ParkedAsync("r");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"turn","v":1}""");
        Assert.Equal(1, (await host.EvalAsync(host.Owner, "r", "state._shared.hint"))!.GetValue<int>());
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"turn","v":2}""");
        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Wait_ForAStatus_WakesWhenTheAgentComesBack()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock(), new RoomLimits { WaitTimeout = TimeSpan.FromMinutes(10) });
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(6));
        JsonAssert.Equal("\"idle\"", await host.EvalAsync(host.Owner, "r", "agents.bob.status"));
        var wait = host.WaitAsync(alice, "r", "agents.bob.status == 'active'", timeoutMs: 600_000);
        await host.ParkedAsync("r");

        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"back"}""");

        Assert.True((await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel))["triggered"].Flag());
    }

    [Fact]
    public async Task Wait_Ended_LetsItsAgentFallIdleByItself()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock(), new RoomLimits { MaxWaitTimeout = TimeSpan.FromMinutes(30) });
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        var bobs = host.WaitAsync(bob, "r", "false", timeoutMs: 400_000);
        await host.ParkedAsync("r");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(401));
        await bobs;
        var wait = host.WaitAsync(alice, "r", "agents.bob.status == 'idle'", timeoutMs: 1_200_000);
        await host.ParkedAsync("r");

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(310));

        Assert.True((await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel))["triggered"].Flag());
    }

    [Theory]
    [InlineData("state._shared.a == 1")]
    [InlineData("views.v == 1")]
    [InlineData("state._shared.a == 1 && messages.count > 5")]
    public async Task Wait_OnAChangeItDoesNotRead_IsNotEvaluated(string condition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"state._shared.a"}""");
        var wait = host.WaitAsync(alice, "r", condition, timeoutMs: 20_000);
        await host.ParkedAsync("r");
        var waits = (await host.LoadedAsync("r")).Waits;
        var before = waits.Evaluations;

        for (var i = 0; i < 20; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "set", $$"""{"key":"b","v":{{i}} }""");
        }

        // One that it reads comes last, so that all before it have been through the pump.
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"a","v":2}""");
        await EngineHost.UntilAsync(() => waits.Evaluations > before);
        Assert.Equal(before + 1, waits.Evaluations);
        Assert.False(wait.IsCompleted);
    }

    [Fact]
    public async Task Wait_ForWhatHeldForOneEventOnly_IsNotMissed()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"state._shared.a"}""");
        var direct = host.WaitAsync(alice, "r", "state._shared.a == 2");
        var through = host.WaitAsync(host.Owner, "r", "views.v == 2");
        await host.ParkedAsync("r", 2);
        using var block = new BlockedCommit(host.Engine.Log);
        var first = host.InvokeAsync(host.Owner, "r", "set", """{"key":"a","v":0}""");
        await block.ReachedAsync();

        var rest = Enumerable.Range(1, 5).Select(i => host.InvokeAsync(host.Owner, "r", "set", $$"""{"key":"a","v":{{i}} }""")).ToList();
        block.LetGo();
        await Task.WhenAll([first, .. rest]);

        foreach (var answer in (JsonObject[])[await direct, await through])
        {
            Assert.True(answer["triggered"].Flag());
            JsonAssert.Equal("2", answer["context"]!["state"]!["_shared"]!["a"]);
        }
    }

    [Fact]
    public async Task Waits_Many_AreAllWokenByOneCommit()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        var waits = Enumerable.Range(0, 200).Select(i => host.WaitAsync(host.Owner, "r", $"state._shared.a >= {i % 3}", query: "only=state")).ToList();
        await host.ParkedAsync("r", 200);

        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"a","v":5}""");

        Assert.All(await Task.WhenAll(waits), a => Assert.True(a["triggered"].Flag()));
    }

    [Fact]
    public async Task Wait_WhoseViewCameBetweenAskingAndParking_WakesWithTheView()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        var room = await host.LoadedAsync("r");
        Assert.True(room.Published.Language.Compile("views.v == 1", "condition").Try(out var expression, out _));
        using var wait = new ParkedWait(expression, self: null, new WorkSource("me", ""), room, room.Now.Now.AddMinutes(1), static _ => VisibleScopes.Public, static () => null);
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"state._shared.a"}""");
        Assert.True(room.Waits.TryPark(wait, 10));
        Assert.False(wait.Evaluate(room.Now));

        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"a","v":1}""");

        Assert.Null((await wait.End.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel)).Error);
        room.Waits.Unpark(wait);
    }
}
