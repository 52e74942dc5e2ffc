namespace Sync.Engine.Tests.Model.Timers;

public sealed class TimerTests
{
    [Theory]
    [InlineData("""{"ms":1000,"effect":"delete"}""", true, false)]
    [InlineData("""{"ms":1000,"effect":"enable"}""", false, true)]
    [InlineData("""{"at":"2026-03-01T12:00:01Z","effect":"delete"}""", true, false)]
    [InlineData("""{"at":"2026-03-01T13:00:01+01:00","effect":"enable"}""", false, true)]
    [InlineData("""{"ticks":2,"tick_on":"_shared.turn","effect":"delete"}""", true, false)]
    [InlineData("""{"ticks":2,"tick_on":"state._shared.turn","effect":"enable"}""", false, true)]
    public async Task Entry_WithATimer_IsThereOnlyOnItsSide(string timer, bool before, bool after)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"put","writes":[{"key":"k","value":1,"timer":{{timer}} }]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"turn","writes":[{"key":"turn","increment":1}]}""");
        await host.InvokeAsync(host.Owner, "r", "put");

        await host.InvokeAsync(host.Owner, "r", "turn");
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(999));
        await AssertAsync(before);
        await host.RestartAsync();
        await AssertAsync(before);
        await host.InvokeAsync(host.Owner, "r", "turn");
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(2));
        await AssertAsync(after);
        await host.RestartAsync();
        await AssertAsync(after);
        Assert.Equal(after, await host.StoredAsync("r", "_shared", "k") is not null);

        async Task AssertAsync(bool there)
        {
            Assert.Equal(there, (await host.EvalAsync(host.Owner, "r", "has(state._shared.k)")).Flag());
            Assert.Equal(there, (await host.ContextAsync(host.Owner, "r"))["state"]!["_shared"]!["k"] is not null);
        }
    }

    [Fact]
    public async Task Tick_CountsAnEventOnceHoweverOftenItWritesTheKey()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"k","value":1,"timer":{"ticks":2,"tick_on":"_shared.turn","effect":"delete"}}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"turn","writes":[{"key":"turn","increment":1},{"key":"turn","increment":1},{"key":"else","increment":1}]}""");
        await host.InvokeAsync(host.Owner, "r", "put");

        await host.InvokeAsync(host.Owner, "r", "turn");
        Assert.NotNull(await host.StoredAsync("r", "_shared", "k"));
        await host.InvokeAsync(host.Owner, "r", "turn");
        Assert.Null(await host.StoredAsync("r", "_shared", "k"));
    }

    [Fact]
    public async Task Tick_ByTheEventThatSetsTheTimer_DoesNotCount()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"turn","increment":1},{"key":"k","value":1,"timer":{"ticks":1,"tick_on":"_shared.turn","effect":"delete"}}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"turn","writes":[{"key":"turn","increment":1}]}""");

        await host.InvokeAsync(host.Owner, "r", "put");
        await host.InvokeAsync(host.Owner, "r", "put");
        Assert.NotNull(await host.StoredAsync("r", "_shared", "k"));
        await host.InvokeAsync(host.Owner, "r", "turn");
        Assert.Null(await host.StoredAsync("r", "_shared", "k"));
    }

    [Fact]
    public async Task Write_WithoutATimer_EndsTheTimer()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"lease","writes":[{"key":"k","value":1,"timer":{"ms":1000,"effect":"delete"}}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"keep","writes":[{"key":"k","value":2}]}""");
        await host.InvokeAsync(host.Owner, "r", "lease");
        await host.InvokeAsync(host.Owner, "r", "keep");

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        JsonAssert.Equal("2", await host.StoredAsync("r", "_shared", "k"));
    }

    [Fact]
    public async Task Action_WithATimer_ComesAndGoes()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"brief","writes":[],"timer":{"ms":1000,"effect":"delete"}}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"later","writes":[],"timer":{"ms":1000,"effect":"enable"}}""");

        await host.InvokeAsync(host.Owner, "r", "brief");
        var notYet = await host.RefusedAsync(host.Owner, "r", "later");
        Assert.Equal("action_disabled", notYet.Code.Name);
        JsonAssert.Equal("\"2026-03-01T12:00:01Z\"", notYet.Details!["available_at"]);
        Assert.False((await host.ContextAsync(host.Owner, "r"))["actions"]!["later"]!["available"].Flag());
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.Equal("action_expired", (await host.RefusedAsync(host.Owner, "r", "brief")).Code.Name);
        await host.InvokeAsync(host.Owner, "r", "later");
        await host.RestartAsync();
        Assert.Equal("action_expired", (await host.RefusedAsync(host.Owner, "r", "brief")).Code.Name);
        await host.RegisterAsync(host.Owner, "r", """{"id":"brief","writes":[]}""");
        await host.InvokeAsync(host.Owner, "r", "brief");
    }

    [Fact]
    public async Task View_WithATimer_ComesAndGoes()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.ViewAsync(host.Owner, "r", """{"id":"brief","expr":"1","timer":{"ms":1000,"effect":"delete"}}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"later","expr":"1","timer":{"ms":1000,"effect":"enable"}}""");

        Assert.Equal(["brief"], (await host.ContextAsync(host.Owner, "r"))["views"].Names());
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.Equal(["later"], (await host.ContextAsync(host.Owner, "r"))["views"].Names());
        JsonAssert.Equal("[null,1]", await host.EvalAsync(host.Owner, "r", "[views.brief, views.later]"));
    }

    [Fact]
    public async Task Agent_WithATimer_Leaves()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        Assert.Null((await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json("""{"timer":{"ms":1000,"effect":"delete"}}"""), EngineHost.Cancel)).Error);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.Empty((await host.ContextAsync(host.Owner, "r"))["agents"].Names());

        // Its token ends just after it: until then the agent is not found, and then the token reaches nothing.
        Assert.Contains((await host.RefusedAsync(bob, "r", "_send_message", """{"body":"x"}""")).Code.Name, (string[])["agent_not_found", "scope_denied"]);
    }

    [Fact]
    public async Task Cooldown_InTime_EndsByItself()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[],"on_invoke":{"timer":{"ms":1000,"effect":"enable"}}}""");
        await host.InvokeAsync(host.Owner, "r", "act");

        var refused = await host.RefusedAsync(host.Owner, "r", "act");
        Assert.Equal("action_cooldown", refused.Code.Name);
        JsonAssert.Equal("\"2026-03-01T12:00:01Z\"", refused.Details!["available_at"]);
        var shown = (await host.ContextAsync(host.Owner, "r"))["actions"]!["act"]!;
        Assert.Equal(("action_cooldown", false), (shown["reason"].Text(), shown["available"].Flag()));
        await host.RestartAsync();
        Assert.Equal("action_cooldown", (await host.RefusedAsync(host.Owner, "r", "act")).Code.Name);
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(1));

        await host.InvokeAsync(host.Owner, "r", "act");
    }

    [Fact]
    public async Task Cooldown_InTicks_EndsWithTheLastTick()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"turn","increment":1}],"on_invoke":{"timer":{"ticks":2,"tick_on":"_shared.turn","effect":"enable"}}}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"turn","writes":[{"key":"turn","increment":1}]}""");
        await host.InvokeAsync(host.Owner, "r", "act");

        var refused = await host.RefusedAsync(host.Owner, "r", "act");
        Assert.Equal((2, "_shared.turn"), (refused.Details!["ticks_remaining"].Number(), refused.Details["tick_on"].Text()));
        await host.InvokeAsync(host.Owner, "r", "turn");
        Assert.Equal(1, (await host.RefusedAsync(host.Owner, "r", "act")).Details!["ticks_remaining"].Number());
        await host.RestartAsync();
        await host.InvokeAsync(host.Owner, "r", "turn");

        await host.InvokeAsync(host.Owner, "r", "act");
    }

    [Fact]
    public async Task Enabled_Entry_ShowsOnlyWhileItsConditionHolds()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"prize","value":"gold","enabled":"state._shared.open == true"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"open","params":{"v":{}},"writes":[{"key":"open","value":"${params.v}"}]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"prize","expr":"state._shared.prize"}""");
        await host.InvokeAsync(host.Owner, "r", "put");

        await AssertAsync(shown: false);
        await host.InvokeAsync(host.Owner, "r", "open", """{"v":true}""");
        await AssertAsync(shown: true);
        await host.InvokeAsync(host.Owner, "r", "open", """{"v":false}""");
        await AssertAsync(shown: false);

        async Task AssertAsync(bool shown)
        {
            var context = await host.ContextAsync(host.Owner, "r");
            Assert.Equal(shown, context["state"]!["_shared"]!["prize"] is not null);
            JsonAssert.Equal(shown ? "\"gold\"" : "null", context["views"]!["prize"]!["value"]);
            JsonAssert.Equal(shown ? "\"gold\"" : "null", await host.EvalAsync(host.Owner, "r", "state._shared.prize"));
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("5")]
    [InlineData("""{"ms":0}""")]
    [InlineData("""{"ms":"5"}""")]
    [InlineData("""{"ms":5,"at":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"at":"tomorrow"}""")]
    [InlineData("""{"ticks":1}""")]
    [InlineData("""{"tick_on":"_shared.k"}""")]
    [InlineData("""{"ticks":1,"tick_on":"nowhere"}""")]
    [InlineData("""{"ticks":1.5,"tick_on":"_shared.k"}""")]
    [InlineData("""{"ms":5,"effect":"explode"}""")]
    [InlineData("""{"ms":5,"after":1}""")]
    [InlineData("""{"ms":1e300}""")]
    public async Task Register_BadTimer_IsRefused(string timer)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"x","timer":{{timer}} }""");

        Assert.Equal("invalid_timer", error.Code.Name);
        Assert.NotNull(error.Hint);
    }
}
