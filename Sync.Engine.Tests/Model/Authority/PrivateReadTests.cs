namespace Sync.Engine.Tests.Model.Authority;

/// <summary>Reads of private scopes: by expressions, contexts, views of the past and timers.</summary>
public sealed class PrivateReadTests : HostileParticipant
{
    [Fact]
    public async Task Expression_OverAnAbsentScope_ReadsAnEmptyMapAndOverAPrivateOneIsRefused()
    {
        JsonAssert.Equal("[0,false,null,{}]", await Host.EvalAsync(Mallory, "r", "[size(state._nothing), has(state._nothing), state._nothing.x, state._nothing]"));
        foreach (var expression in (string[])["state.alice", "state.alice.x == null", "has(state.alice.password)", "state.?alice.orValue(1)", "size(state.alice)", "'x' in state.alice"])
        {
            Assert.Equal("not_readable", (await Host.Engine.Context.EvalAsync(Mallory, "r", expression, Cancel)).Error?.Code.Name);
        }
    }

    /// <summary>An owner who acts as an agent reads as that agent, unless the others' scopes are asked for.</summary>
    [Fact]
    public async Task Context_OfAnOwnerThatActsAsAnAgent_ShowsWhatThatAgentMayRead()
    {
        var bound = await Host.UserAsync("olga", "rooms:r");
        Assert.Null((await Host.Engine.Agents.JoinAsync(bound, "r", EngineHost.Json("""{"id":"worker","state":{"own":1}}"""), Cancel)).Error);

        var lean = await Host.ContextAsync(bound, "r");
        var whole = await Host.ContextAsync(bound, "r", "include=private");

        Assert.Equal(("worker", false), (lean["self"].Text(), lean.ToJsonString().Contains(Secret, StringComparison.Ordinal)));
        Assert.Equal(Secret, whole["state"]!["alice"]!["password"].Text());
        Assert.Equal("not_readable", (await Host.Engine.Context.EvalAsync(bound, "r", "state.alice.password", Cancel)).Error?.Code.Name);
        Assert.Equal(Secret, (await Host.ContextAsync(Host.Owner, "r"))["state"]!["alice"]!["password"].Text());
        Assert.Equal("scope_denied", (await Host.Engine.Context.ReadAsync(Mallory, "r", EngineHost.Shape("include=private"), Cancel)).Error?.Code.Name);
    }

    /// <summary>What a removed agent kept is in no view of the past either, not even where the view had been read before.</summary>
    [Fact]
    public async Task View_OfThePast_ShowsNothingOfAnAgentThatWasRemoved()
    {
        var eve = await Host.JoinAsync("r", "eve");
        Assert.Null((await Host.Engine.Agents.UpdateAsync(Alice, "r", "alice", EngineHost.Json("""{"grants":["eve"]}"""), Cancel)).Error);
        await Host.ViewAsync(eve, "r", """{"id":"copy","scope":"eve","expr":"state.alice.password"}""");
        await Host.ViewAsync(Alice, "r", """{"id":"own","scope":"alice","expr":"state.self.password"}""");
        var then = (await Host.LoadedAsync("r")).Published.Seq;
        await Host.RegisterAsync(Host.Owner, "r", """{"id":"tick","writes":[{"key":"n","increment":true}]}""");
        Assert.Contains(Secret, (await Host.ContextAsync(eve, "r", $"at={then}")).ToJsonString(), StringComparison.Ordinal);

        Assert.Null((await Host.Engine.Agents.RemoveAsync(Host.Owner, "r", "alice", free: false, Cancel)).Error);

        Assert.DoesNotContain(Secret, (await Host.ContextAsync(eve, "r", $"at={then}")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, (await Host.ContextAsync(Mallory, "r", $"at={then}")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timer_ThatTicksOnAPrivateKey_NeedsAccessToThatKey()
    {
        const string Timer = """{"ticks":1,"tick_on":"alice.password","effect":"enable"}""";
        Assert.Equal("not_readable", (await Host.RefusedAsync(Mallory, "r", "_register_action", $$"""{"id":"a","writes":[],"timer":{{Timer}} }""")).Code.Name);
        Assert.Equal("not_readable", (await Host.RefusedAsync(Mallory, "r", "_register_action", $$"""{"id":"a","writes":[],"on_invoke":{"timer":{{Timer}} } }""")).Code.Name);
        Assert.Equal("not_readable", (await Host.RefusedAsync(Mallory, "r", "_register_view", $$"""{"id":"a","expr":"1","timer":{{Timer}} }""")).Code.Name);
        Assert.Equal("not_readable", (await Host.Engine.Agents.UpdateAsync(Mallory, "r", "mallory", EngineHost.Json($$"""{"timer":{{Timer}} }"""), Cancel)).Error?.Code.Name);
        await Host.RegisterAsync(Mallory, "r", $$"""{"id":"a","writes":[{"key":"k","value":1,"timer":{{Timer}} }]}""");
        Assert.Equal("not_readable", (await Host.RefusedAsync(Mallory, "r", "a")).Code.Name);
        Assert.Null((await Host.TryInvokeAsync(Alice, "r", "_register_action", $$"""{"id":"b","writes":[],"timer":{{Timer}} }""")).Error);
    }
}
