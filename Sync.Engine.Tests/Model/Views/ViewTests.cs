using System.Diagnostics;
using Sync.Engine.Identity;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Views;

namespace Sync.Engine.Tests.Model.Views;

public sealed class ViewTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"v":{}},"writes":[{"key":"${params.key}","value":"${params.v}"}]}""";

    [Fact]
    public async Task Value_IsWorkedOutAnewOnlyWhenWhatItReadsHasChanged()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"[state._shared.a, messages.count]"}""");

        var first = await ValueAsync();
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"b","v":1}""");
        Assert.Same(first, await ValueAsync());
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"a","v":1}""");
        var second = await ValueAsync();
        Assert.NotSame(first, second);
        Assert.Equal("[1,0]", second.Text);
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"x"}""");
        Assert.Equal("[1,1]", (await ValueAsync()).Text);

        async Task<ViewValue> ValueAsync()
        {
            var room = await host.LoadedAsync("r");
            return ViewValues.Find(new RoomActivation(room.Now, VisibleScopes.Public, self: null, room.NewBudget()), "v")!;
        }
    }

    [Fact]
    public async Task Registration_AnswersWithTheValue()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var answer = await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"1 + 1"}""");

        Assert.Equal("v", answer["view"].Text());
        JsonAssert.Equal("2", answer["value"]);
    }

    [Theory]
    [InlineData("a", "views.a")]
    [InlineData("a", "size(views)")]
    [InlineData("b", "views.a")]
    [InlineData("b", "views.c + views.a")]
    [InlineData("c", "views[\"b\"] == 1")]
    public async Task Register_ACycle_IsRefused(string id, string expr)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.ViewAsync(host.Owner, "r", """{"id":"c","expr":"state._shared.n"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"b","expr":"views.c"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"a","expr":"views.b"}""");

        var error = await host.RefusedAsync(host.Owner, "r", "_register_view", System.Text.Json.JsonSerializer.Serialize(new { id, expr }));

        Assert.Equal("invalid_cel", error.Code.Name);
        Assert.Contains("→", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_WithViewsInACycle_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var outcome = await host.Engine.Agents.JoinAsync(
            Caller.Anonymous, "r", EngineHost.Json("""{"id":"alice","views":[{"id":"a","expr":"views.b"},{"id":"b","expr":"views.a"}]}"""), EngineHost.Cancel);

        Assert.Equal("invalid_cel", outcome.Error?.Code.Name);
    }

    /// <summary>Twelve layers in which every view reads the layer below twenty times: only counting each once ends in time.</summary>
    [Fact]
    public async Task Views_ThatReadEachOtherManyTimes_AreEachWorkedOutOnce()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.ViewAsync(host.Owner, "r", """{"id":"v0","expr":"int(now) > 0 ? 1 : 0"}""");
        var watch = Stopwatch.StartNew();
        for (var layer = 1; layer < 12; layer++)
        {
            var sum = string.Join(" + ", Enumerable.Repeat($"views.v{layer - 1}", 20));
            await host.ViewAsync(host.Owner, "r", $$"""{"id":"v{{layer}}","expr":"math.least({{sum}}, 1)"}""");
        }

        JsonAssert.Equal("1", (await host.ContextAsync(host.Owner, "r"))["views"]!["v11"]!["value"]);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task CycleCheck_OfManyPaths_TakesNoTime()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var watch = Stopwatch.StartNew();
        for (var layer = 0; layer < 14; layer++)
        {
            foreach (var side in (string[])["a", "b", "c", "d"])
            {
                var below = layer == 0 ? "1" : string.Join(" + ", "abcd".Select(s => $"views.{s}{layer - 1}"));
                await host.ViewAsync(host.Owner, "r", $$"""{"id":"{{side}}{{layer}}","expr":"math.least({{below}}, 1)"}""");
            }
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    /// <summary>Conditions of entries that read a view of their own scope: each asks for the other.</summary>
    [Fact]
    public async Task Conditions_ThatReadAViewOfTheirOwnScope_TakeNoTime()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.ViewAsync(host.Owner, "r", """{"id":"n","expr":"size(state._shared)"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"key":{"type":"string"}},"writes":[{"key":"${params.key}","value":1,"enabled":"views.n > 0"}]}""");
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "put", $$"""{"key":"k{{i}}"}""");
        }

        var context = await host.ContextAsync(host.Owner, "r");

        Assert.Equal(20, context["state"]!["_shared"]!.AsObject().Count);
        JsonAssert.Equal("20", context["views"]!["n"]!["value"]);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task Actions_WhoseConditionsNameEachOther_TakeNoTime()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var watch = Stopwatch.StartNew();
        var all = string.Join(" || ", Enumerable.Range(0, 8).Select(i => $"actions.a{i}.available"));
        for (var i = 0; i < 8; i++)
        {
            await host.RegisterAsync(host.Owner, "r", $$"""{"id":"a{{i}}","enabled":"!({{all}}) || int(now) > 0","writes":[],"on_invoke":{"timer":{"ms":1,"effect":"enable"} } }""");
        }

        var context = await host.ContextAsync(host.Owner, "r");

        Assert.Equal(8, context["actions"]!.AsObject().Count(a => a.Value!["builtin"] is null));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task Broken_View_ShowsItsErrorAndAsksForAttention()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var answer = await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"1 / state._shared.n"}""");
        Assert.Contains(answer["warnings"]!.AsArray(), w => w!["code"].Text() == "broken_view");

        var context = await host.ContextAsync(host.Owner, "r");

        Assert.NotEmpty(context["views"]!["v"]!["value"]!["_error"].Text());
        var attention = context["_context"]!["attention"]![0]!;
        Assert.Equal(("broken_view", "v"), (attention["kind"].Text(), attention["view"].Text()));
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"n","v":2}""");
        JsonAssert.Equal("0", (await host.ContextAsync(host.Owner, "r"))["views"]!["v"]!["value"]);
    }

    [Fact]
    public async Task Private_State_ShowsThroughAViewOfItsScopeOnly()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","state":{"hand":["ace","ten"],"mood":"fine"},"public_keys":["mood"]""");
        var bob = await host.JoinAsync("r", "bob");
        await host.ViewAsync(alice, "r", """{"id":"cards","scope":"self","expr":"size(state[\"alice\"].hand)"}""");
        await host.ViewAsync(bob, "r", """{"id":"spy","expr":"state[\"alice\"]"}""");
        await host.ViewAsync(bob, "r", """{"id":"spy2","scope":"self","expr":"state.alice.hand"}""");

        foreach (var reader in (Caller[])[alice, bob, host.Owner])
        {
            var views = (await host.ContextAsync(reader, "r"))["views"]!;
            JsonAssert.Equal("2", views["cards"]!["value"]);
            JsonAssert.Equal("\"fine\"", views["alice.mood"]!["value"]);
            Assert.DoesNotContain("ace", views.ToJsonString(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("ace", (await host.EvalAsync(bob, "r", "state"))!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("not_readable", (await host.Engine.Context.EvalAsync(bob, "r", "state.alice.hand", EngineHost.Cancel)).Error!.Code.Name);
    }

    [Theory]
    [InlineData("state.self.hand", true)]
    [InlineData("state[self].hand", true)]
    [InlineData("size(state) > 0 ? state.self.hand : 'no'", true)]
    [InlineData("state.alice", false)]
    [InlineData("state[\"alice\"].hand", false)]
    [InlineData("state", false)]
    [InlineData("state[views.name].hand", false)]
    [InlineData("views.inner", false)]
    [InlineData("actions.peek.available", false)]
    public async Task Private_State_InASharedView_IsReadOnlyWhereItNamesItAndForItsOwnerAlone(string expression, bool forItself)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","state":{"hand":"none"}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"draw","params":{"card":{}},"writes":[{"scope":"self","key":"hand","value":"${params.card}"}]}""");
        await host.RegisterAsync(bob, "r", """{"id":"peek","if":"state.self.hand.startsWith(\"a\")","writes":[]}""");
        await host.ViewAsync(bob, "r", """{"id":"inner","expr":"state.self.hand"}""");
        await host.ViewAsync(bob, "r", """{"id":"name","expr":"'self'"}""");
        await host.ViewAsync(bob, "r", $$"""{"id":"spy","expr":{{System.Text.Json.JsonSerializer.Serialize(expression)}} }""");
        await host.InvokeAsync(alice, "r", "draw", """{"card":"ace"}""");

        var own = await SpyAsync(alice);
        var others = await SpyAsync(bob);

        Assert.Equal(forItself, own.Contains("ace", StringComparison.Ordinal));
        Assert.NotEqual("true", own);
        Assert.False(others.Contains("ace", StringComparison.Ordinal) || others == "true", others);

        async Task<string> SpyAsync(Caller reader) => (await host.ContextAsync(reader, "r", "only=views"))["views"]!["spy"]!["value"]?.ToJsonString() ?? "null";
    }

    [Fact]
    public async Task Self_InAView_IsWhoeverReads()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.ViewAsync(alice, "r", """{"id":"me","expr":"[self, owner, messages.unread]"}""");
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"x"}""");

        for (var i = 0; i < 2; i++)
        {
            JsonAssert.Equal("""["alice","alice",1]""", (await host.ContextAsync(alice, "r", "peek=true"))["views"]!["me"]!["value"]);
            JsonAssert.Equal("""["bob","alice",0]""", (await host.ContextAsync(bob, "r", "peek=true"))["views"]!["me"]!["value"]);
        }
    }

    [Theory]
    [InlineData("self", "alice", "alice")]
    [InlineData("state.self.hand", "ace", "ace")]
    [InlineData("state[self].hand", "ace", "ace")]
    [InlineData("state.alice.hand", "ace", "ace")]
    [InlineData("state.self.size() > 0 ? self + ':' + state.self.hand : self", "alice:ace", "alice:ace")]
    public async Task Self_InAViewOfAnAgentsScope_IsThatAgentWhoeverReads(string expression, string forItself, string forOthers)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","state":{"hand":"ace"}""");
        var bob = await host.JoinAsync("r", "bob", ""","state":{"hand":"two"}""");
        var registered = await host.ViewAsync(alice, "r", $$"""{"id":"shown","scope":"self","expr":"{{expression}}"}""");

        Assert.Null(registered["warnings"]);
        Assert.Equal(forItself, registered["value"].Text());
        foreach (var (reader, expected) in new[] { (alice, forItself), (bob, forOthers), (host.Owner, forOthers) })
        {
            Assert.Equal(expected, (await host.ContextAsync(reader, "r"))["views"]!["shown"]!["value"].Text());
            Assert.Equal(expected, (await host.EvalAsync(reader, "r", "views.shown"))!.GetValue<string>());
        }
    }

    [Fact]
    public async Task View_OverViews_FollowsThem()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"top","expr":"views.base == null ? -1 : views.base * 2"}""");
        JsonAssert.Equal("-1", await host.EvalAsync(host.Owner, "r", "views.top"));
        await host.ViewAsync(host.Owner, "r", """{"id":"base","expr":"state._shared.n"}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"n","v":2}""");
        JsonAssert.Equal("4", await host.EvalAsync(host.Owner, "r", "views.top"));
        await host.ViewAsync(host.Owner, "r", """{"id":"base","expr":"state._shared.m"}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"m","v":10}""");
        JsonAssert.Equal("20", await host.EvalAsync(host.Owner, "r", "views.top"));
        await host.InvokeAsync(host.Owner, "r", "_delete_view", """{"id":"base"}""");
        JsonAssert.Equal("-1", await host.EvalAsync(host.Owner, "r", "views.top"));
    }

    [Fact]
    public async Task Enabled_View_ShowsOnlyWhileItsConditionHolds()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"1","enabled":"state._shared.on == true"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"sees","expr":"views.v"}""");

        Assert.Equal(["sees"], (await host.ContextAsync(host.Owner, "r"))["views"].Names());
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"on","v":true}""");
        var views = (await host.ContextAsync(host.Owner, "r"))["views"]!;
        Assert.Equal(["sees", "v"], views.Names());
        JsonAssert.Equal("1", views["sees"]!["value"]);
    }

    [Theory]
    [InlineData("""{"expr":"1"}""", "missing_param")]
    [InlineData("""{"id":"v"}""", "missing_param")]
    [InlineData("""{"id":"v","expression":"1"}""", "unknown_param")]
    [InlineData("""{"id":"v","expr":"1 +"}""", "invalid_cel")]
    [InlineData("""{"id":"v","expr":1}""", "invalid_param_type")]
    [InlineData("""{"id":"_contested","expr":"1"}""", "invalid_id")]
    [InlineData("""{"id":"v","expr":"1","render":"metric"}""", "invalid_param_type")]
    [InlineData("""{"id":"v","expr":"1","timer":{}}""", "invalid_timer")]
    public async Task Register_BadDefinition_IsRefused(string definition, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.RefusedAsync(host.Owner, "r", "_register_view", definition)).Code.Name);
    }
}
