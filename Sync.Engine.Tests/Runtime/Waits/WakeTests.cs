using System.Text.Json.Nodes;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime.Waits;

public sealed class WakeTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"v":{}},"writes":[{"key":"${params.key}","value":"${params.v}"}]}""";

    /// <summary>A condition, and what bob does that makes it true for alice.</summary>
    public static TheoryData<string, string, string> Wakings => new()
    {
        { "state._shared.a == 1", "set", """{"key":"a","v":1}""" },
        { "has(state._shared.brand_new)", "set", """{"key":"brand_new","v":null}""" },
        { "state._shared.exists(k, k == 'x')", "set", """{"key":"x","v":1}""" },
        { "state._fresh.size() > 0", "fresh", "{}" },
        { "views[\"total\"] > 0", "set", """{"key":"a","v":1}""" },
        { "views.double == 4", "set", """{"key":"a","v":2}""" },
        { "views.new_one == 5", "_register_view", """{"id":"new_one","expr":"5"}""" },
        { "views.exists(v, v == 'new_one')", "_register_view", """{"id":"new_one","expr":"5"}""" },
        { "views[\"_contested\"] != null", "_register_action", """{"id":"rival","writes":[{"scope":"_fresh","key":"k","value":2}]}""" },
        { "messages.count == 1", "_send_message", """{"body":"x"}""" },
        { "messages.unread > 0", "_send_message", """{"body":"x"}""" },
        { "messages.directed_unread > 0", "_send_message", """{"body":"x","to":["alice"]}""" },
        { "actions.gated.available", "set", """{"key":"gate","v":true}""" },
        { "actions.later_on.available", "_register_action", """{"id":"later_on","writes":[]}""" },
        { "actions.fresh.invocations == 1", "fresh", "{}" },
        { "state.self.seen == 1", "whisper", "{}" },
        { "state[self].seen == 1", "whisper", "{}" },
        { "state._agents.exists(a, a == 'nia')", "join", "{}" },
        { "agents.exists(a, a == 'nia')", "join", "{}" },
        { "state._shared.hidden == 1", "set", """{"key":"show","v":true}""" },
        { "size(state) > 0 && state._shared.a == 1", "set", """{"key":"a","v":1}""" },
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
        await host.ViewAsync(bob, "r", """{"id":"double","expr":"views.total == null ? 0 : views.total * 2"}""");
        var wait = host.WaitAsync(alice, "r", condition, timeoutMs: 20_000, query: "only=state");
        await ParkedAsync(host);

        if (action == "join")
        {
            await host.JoinAsync("r", "nia");
        }
        else
        {
            await host.InvokeAsync(bob, "r", action, parameters);
        }

        var answer = await wait.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel);
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
        await ParkedAsync(host);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(200));
        Assert.False(wait.IsCompleted);
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(400));

        Assert.True((await wait.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel))["triggered"].Flag());
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
        await ParkedAsync(host);

        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"back"}""");

        Assert.True((await wait.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel))["triggered"].Flag());
    }

    [Fact]
    public async Task Wait_Ended_LetsItsAgentFallIdleByItself()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock(), new RoomLimits { WaitTimeout = TimeSpan.FromMinutes(30) });
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        var bobs = host.WaitAsync(bob, "r", "false", timeoutMs: 400_000);
        await ParkedAsync(host);
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(401));
        await bobs;
        var wait = host.WaitAsync(alice, "r", "agents.bob.status == 'idle'", timeoutMs: 1_200_000);
        await ParkedAsync(host);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(310));

        Assert.True((await wait.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel))["triggered"].Flag());
    }

    [Fact]
    public async Task Wait_Parked_IsShownAsWhatTheAgentWaitsOn()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", Set);
        var watcher = host.WaitAsync(host.Owner, "r", "agents.alice.status == 'waiting'");
        await ParkedAsync(host);
        var wait = host.WaitAsync(alice, "r", "state._shared.a == 1");

        Assert.True((await watcher)["triggered"].Flag());
        var shown = (await host.ContextAsync(host.Owner, "r"))["agents"]!["alice"]!;
        Assert.Equal(("waiting", "state._shared.a == 1"), (shown["status"].Text(), shown["waiting_on"].Text()));
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"a","v":1}""");
        await wait;
        shown = (await host.ContextAsync(host.Owner, "r"))["agents"]!["alice"]!;
        Assert.Equal(("active", null), (shown["status"].Text(), shown["waiting_on"]));
    }

    [Theory]
    [InlineData("state._shared.a == 1")]
    [InlineData("views.v == 1")]
    [InlineData("state._shared.a == 1 && messages.count > 5")]
    public async Task Wait_IsNotLookedAtForWhatItDoesNotRead(string condition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"state._shared.a"}""");
        var wait = host.WaitAsync(alice, "r", condition, timeoutMs: 20_000);
        await ParkedAsync(host);
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
        await ParkedAsync(host, 2);
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
    public async Task Wait_True_AnswersAtOnce()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var answer = await host.WaitAsync(host.Owner, "r", "1 < 2");

        Assert.Equal(["triggered", "condition", "value", "context"], answer.Names());
    }

    [Fact]
    public async Task Wait_TimedOut_SaysSo()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var wait = host.WaitAsync(host.Owner, "r", "state._shared.a + 1 == 2", timeoutMs: 5_000);
        await ParkedAsync(host);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(6));

        var answer = await wait;
        Assert.Equal((false, true, "state._shared.a + 1 == 2"), (answer["triggered"].Flag(), answer["timeout"].Flag(), answer["condition"].Text()));
        Assert.InRange(answer["elapsed_ms"].Number(), 5_000, 6_000);
        Assert.NotEmpty(answer["last_error"].Text());
        Assert.NotNull(answer["context"]);
        Assert.Equal(0, (await host.LoadedAsync("r")).Waits.Count);
    }

    [Fact]
    public async Task Wait_LongerThanAllowed_EndsAtTheLimit()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var wait = host.WaitAsync(host.Owner, "r", "false", timeoutMs: 3_600_000);
        await ParkedAsync(host);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(26));

        Assert.False((await wait.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel))["triggered"].Flag());
    }

    [Fact]
    public async Task Wait_Cancelled_IsFreed()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        using var cancel = new CancellationTokenSource();
        var wait = host.Engine.Waits.WaitAsync(alice, "r", "false", null, ContextShape.Default, cancel.Token);
        await ParkedAsync(host);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(0, (await host.LoadedAsync("r")).Waits.Count);
        Assert.Equal("active", (await host.ContextAsync(host.Owner, "r"))["agents"]!["alice"]!["status"].Text());
    }

    [Fact]
    public async Task Wait_WhoseRoomIsDeleted_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var wait = host.Engine.Waits.WaitAsync(alice, "r", "false", null, ContextShape.Default, EngineHost.Cancel);
        await ParkedAsync(host);

        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel);

        Assert.NotNull((await wait.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel)).Error);
    }

    [Fact]
    public async Task Wait_WhoseTokenIsTakenAway_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var carl = await host.UserAsync("carl", "rooms:*");
        await host.GiveRoleAsync("r", "carl", Role.Participant);
        var wait = host.Engine.Waits.WaitAsync(carl, "r", "false", null, ContextShape.Default, EngineHost.Cancel);
        await ParkedAsync(host);

        await host.Engine.IdentityCache.Tokens.RevokeAsync(carl.TokenId!, EngineHost.Cancel);

        Assert.NotNull((await wait.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel)).Error);
    }

    [Fact]
    public async Task Wait_WhenTheServerStops_AnswersAsIfTimeWereUp()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var wait = host.WaitAsync(host.Owner, "r", "false");
        await ParkedAsync(host);

        await host.RestartAsync();

        Assert.False((await wait.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel))["triggered"].Flag());
    }

    [Fact]
    public async Task Wait_ForAMisspeltPath_IsWarned()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.ViewAsync(host.Owner, "r", """{"id":"results","expr":"1"}""");
        var wait = host.WaitAsync(host.Owner, "r", "views[\"reslts\"].size() > 0", timeoutMs: 1_000);
        await ParkedAsync(host);
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        var warning = (await wait)["warnings"]![0]!;

        Assert.Equal("unknown_path", warning["code"].Text());
        Assert.Contains("results", warning["hint"].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 +", "invalid_cel")]
    [InlineData("stat._shared.a == 1", "invalid_cel")]
    public async Task Wait_ForWhatDoesNotCompile_IsRefused(string condition, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = (await host.Engine.Waits.WaitAsync(host.Owner, "r", condition, null, ContextShape.Default, EngineHost.Cancel)).Error!;

        Assert.Equal(code, error.Code.Name);
        Assert.NotNull(error.Details!["column"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Wait_ForNothing_IsToldThatTheConditionIsMissing(string condition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = (await host.Engine.Waits.WaitAsync(host.Owner, "r", condition, null, ContextShape.Default, EngineHost.Cancel)).Error!;

        Assert.Equal(("missing_param", "condition", "expressions"), (error.Code.Name, error.Details!["parameter"]!.GetValue<string>(), error.Help));
    }

    [Fact]
    public async Task Waits_BeyondTheLimit_AreRefused()
    {
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { Waits = 1 });
        await host.RoomAsync("r");
        using var cancel = new CancellationTokenSource();
        var first = host.Engine.Waits.WaitAsync(host.Owner, "r", "false", null, ContextShape.Default, cancel.Token);
        await ParkedAsync(host);

        var second = await host.Engine.Waits.WaitAsync(host.Owner, "r", "false", null, ContextShape.Default, EngineHost.Cancel);

        Assert.Equal("rate_limited", second.Error!.Code.Name);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task Wait_ThatIncludesSections_GivesThoseOnly()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var context = (await host.WaitAsync(host.Owner, "r", "true", query: "include=state,views"))["context"]!;

        Assert.Equal(["state", "views", "self", "_context"], context.Names());
    }

    [Fact]
    public async Task Waits_Many_AreAllWokenByOneCommit()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        var waits = Enumerable.Range(0, 200).Select(i => host.WaitAsync(host.Owner, "r", $"state._shared.a >= {i % 3}", query: "only=state")).ToList();
        await ParkedAsync(host, 200);

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

        Assert.Null((await wait.End.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel)).Error);
        room.Waits.Unpark(wait);
    }

    [Fact]
    public async Task Wait_OfAnOwnerWhoIsOneNoLonger_SeesNoPrivateStateAnyMore()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", """{"id":"note","params":{"v":{}},"writes":[{"scope":"self","key":"diary","value":"${params.v}"},{"key":"n","increment":1}]}""");
        var carl = await host.UserAsync("carl", "rooms:*");
        await host.GiveRoleAsync("r", "carl", Role.Owner);
        var probing = host.WaitAsync(carl, "r", "state.alice.diary == 'dear'");
        var counting = host.WaitAsync(carl, "r", "state._shared.n == 1");
        await ParkedAsync(host, 2);

        await host.GiveRoleAsync("r", "carl", Role.Participant);
        await host.InvokeAsync(alice, "r", "note", """{"v":"dear"}""");

        Assert.DoesNotContain("dear", (await counting).ToJsonString(), StringComparison.Ordinal);
        Assert.False(probing.IsCompleted);
    }

    private static async Task ParkedAsync(EngineHost host, int count = 1)
    {
        var room = await host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => room.Waits.Count >= count);
    }
}
