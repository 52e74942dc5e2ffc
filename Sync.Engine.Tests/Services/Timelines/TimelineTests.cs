using Sync.Engine.Identity;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Timelines;

/// <summary>Timelines of agents: live, after a restart, at a moment gone by, and to whom.</summary>
public sealed class TimelineTests
{
    private const string Set = """{"id":"set","params":{"v":{}},"if":"params.v != 0","writes":[{"key":"k","value":"${params.v}"}]}""";

    [Fact]
    public async Task Lane_OfWhatAnAgentDoes_SaysIt()
    {
        await using var host = await RoomAsync();
        var bob = await host.JoinAsync("r", "bob");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(10));
        await host.RefusedAsync(bob, "r", "set", """{"v":0}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(10));
        await host.InvokeAsync(bob, "r", "set", """{"v":1}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(10));
        var waiting = host.WaitAsync(bob, "r", "state._shared.k == 2", timeoutMs: 300_000);
        await host.ParkedAsync("r");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(100));

        var lane = await LaneAsync(host, "bob");
        Assert.Equal("working 10, refused 10, working 10, waiting", Words(lane));
        Assert.Equal(["agent_joined", "refused", "invoked"], lane.Acts.Select(static act => act.Kind));
        Assert.Equal(1, lane.Refusals);
        Assert.Equal("set", lane.Last?.Action);

        await host.InvokeAsync(host.Owner, "r", "set", """{"v":2}""");
        await waiting;
        Assert.Equal("working 10, refused 10, working 10, waiting 100, working 60, idle", Words(await LaneAsync(host, "bob")));
    }

    [Fact]
    public async Task Lane_OfWhatWasAskedFor_IsDecidingUntilItIsDecided()
    {
        await using var host = await RoomAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"deploy","writes":[{"key":"live","value":1}],"approve":{"by":"person"}}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(5));
        var asked = await host.InvokeAsync(bob, "r", "deploy");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(200));
        Assert.Equal("working 5, deciding", Words(await LaneAsync(host, "bob")));

        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{asked["approval"].Text()}}","decision":"reject"}""");

        Assert.Equal("working 5, deciding 200, idle", Words(await LaneAsync(host, "bob")));
        Assert.Equal("working 5, deciding", Words((await AtAsync(host, asked["seq"].Number())).Of("bob")!));
    }

    [Fact]
    public async Task Lane_AfterARestart_IsTheSameButForWaits()
    {
        await using var host = await RoomAsync();
        var bob = await host.JoinAsync("r", "bob");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(10));
        await host.RefusedAsync(bob, "r", "set", """{"v":0}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(300));
        await host.InvokeAsync(bob, "r", "set", """{"v":1}""");
        var before = await LaneAsync(host, "bob");

        await host.RestartAsync();

        var after = await TimelineAsync(host, host.Owner);
        Assert.Equal(before.Spans, after.Of("bob")!.Spans);
        Assert.Equal(before.Acts, after.Of("bob")!.Acts);
        Assert.True(after.WaitsSince >= before.Acts[^1].At);
    }

    [Fact]
    public async Task Lane_ExtendedEventByEvent_IsThatOfAFreshLook()
    {
        await using var host = await RoomAsync();
        var bob = await host.JoinAsync("r", "bob");
        var carol = await host.JoinAsync("r", "carol");
        var untouched = (await TimelineAsync(host, host.Owner)).Of("carol");
        for (var step = 0; step < 40; step++)
        {
            await host.TryInvokeAsync(bob, "r", "set", $$"""{"v":{{step % 3}} }""");
            await host.AdvanceAsync("r", TimeSpan.FromSeconds(step * 7 % 90));
            await TimelineAsync(host, host.Owner);
        }

        var extended = await TimelineAsync(host, host.Owner);
        Assert.Same(untouched, extended.Of("carol"));
        await host.InvokeAsync(carol, "r", "set", """{"v":5}""");
        Assert.NotSame(untouched, (await TimelineAsync(host, host.Owner)).Of("carol"));

        await host.RestartAsync();
        Assert.Equal(extended.Of("bob")!.Spans, (await TimelineAsync(host, host.Owner)).Of("bob")!.Spans);
    }

    [Fact]
    public async Task Timeline_TurnedBack_ShowsTheAgentsOfThen()
    {
        await using var host = await RoomAsync();
        var bob = await host.JoinAsync("r", "bob");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(30));
        var waiting = host.WaitAsync(bob, "r", "state._shared.k == 2", timeoutMs: 300_000);
        await host.ParkedAsync("r");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(30));
        var then = (await host.InvokeAsync(host.Owner, "r", "set", """{"v":1}"""))["seq"].Number();
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(30));
        await host.JoinAsync("r", "dora");
        await host.InvokeAsync(host.Owner, "r", "set", """{"v":2}""");
        await waiting;

        var past = await AtAsync(host, then);
        Assert.Equal(["bob"], past.Lanes.Select(static lane => lane.Agent).Where(static agent => agent != "olga"));
        Assert.Equal("working 30, waiting", Words(past.Of("bob")!));

        var model = (await host.Engine.Live.AtAsync(host.Owner, "r", then, EngineHost.Cancel)).Value;
        var shown = model.Agents.Single(static agent => agent.Id == "bob");
        Assert.Equal(AgentStatus.Waiting, shown.Status);
        Assert.Equal("k to be 2", shown.Wait?.Words);
        Assert.Equal("k to be 2", Assert.Single((await host.Engine.Timelines.WaitsAsync(host.Owner, "r", "bob", then, EngineHost.Cancel)).Value).Wait.Words);
    }

    [Fact]
    public async Task Agent_ThatIsRemoved_LeavesNothingToWhoBearsItsIdNext()
    {
        await using var host = await RoomAsync();
        var bob = await host.JoinAsync("r", "bob");
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(EngineHost.Cancel);
        var waiting = host.Engine.Waits.WaitAsync(bob, "r", "state._shared.k == 2", TimeSpan.FromMinutes(5), EngineHost.Shape(""), gone.Token);
        await host.ParkedAsync("r");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(30));
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: true, EngineHost.Cancel)).Error);
        await waiting;
        Assert.Null((await TimelineAsync(host, host.Owner)).Of("bob"));
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(30));
        await host.JoinAsync("r", "bob");

        Assert.Equal("working 60, idle", Words(await LaneAsync(host, "bob")));
        Assert.Single((await LaneAsync(host, "bob")).Acts);
        Assert.Empty((await host.Engine.Timelines.WaitsAsync(host.Owner, "r", "bob", null, EngineHost.Cancel)).Value);
    }

    [Fact]
    public async Task Wait_OnAPrivateScope_IsToldToItsReadersAlone()
    {
        await using var host = await RoomAsync();
        var bob = await host.JoinAsync("r", "bob");
        var eve = await host.JoinAsync("r", "eve");
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(EngineHost.Cancel);
        var waiting = host.Engine.Waits.WaitAsync(bob, "r", "state.self.secret == \"hunter2\"", TimeSpan.FromMinutes(5), EngineHost.Shape(""), gone.Token);
        await host.ParkedAsync("r");

        foreach (var (caller, isHidden) in new[] { (eve, true), (bob, false), (host.Owner, false) })
        {
            var stretch = Assert.Single((await host.Engine.Timelines.WaitsAsync(caller, "r", "bob", null, EngineHost.Cancel)).Value);
            Assert.Equal(isHidden, stretch.Wait.Condition is null);
            using var watch = (await host.Engine.Live.WatchAsync(caller, "r", EngineHost.Cancel)).Value;
            var agent = watch.Current.Agents.Single(static agent => agent.Id == "bob");
            Assert.Equal(isHidden ? null : "state.self.secret == \"hunter2\"", agent.WaitingOn);
            Assert.Equal(isHidden ? "something that it keeps private" : "its own secret to be “hunter2”", agent.Wait?.Words);
        }

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Timeline_ToWhoMayNotReadTheRoom_IsRefused()
    {
        await using var host = await RoomAsync();
        var stranger = await host.UserAsync("mallory", "rooms:other");
        foreach (var caller in new[] { Caller.Anonymous, stranger })
        {
            var code = (await host.Engine.Live.WatchAsync(caller, "r", EngineHost.Cancel)).Error!.Code; // Neither enters.
            Assert.Equal(code, (await host.Engine.Timelines.ReadAsync(caller, "r", null, EngineHost.Cancel)).Error?.Code);
            Assert.Equal(code, (await host.Engine.Timelines.WaitsAsync(caller, "r", "bob", null, EngineHost.Cancel)).Error?.Code);
            Assert.Equal(code, (await host.Engine.Timelines.AnswerAsync(caller, "r", null, null, "at", EngineHost.Cancel)).Error?.Code);
            Assert.Equal(code, (await host.Engine.History.CausesAsync(caller, "r", 1, EngineHost.Cancel)).Error?.Code);
        }

        foreach (var at in new long[] { -1, 0, 999 })
        {
            Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.Timelines.ReadAsync(host.Owner, "r", at, EngineHost.Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.History.CausesAsync(host.Owner, "r", at, EngineHost.Cancel)).Error?.Code);
        }
    }

    private static async Task<EngineHost> RoomAsync()
    {
        var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        return host;
    }

    private static async Task<AgentTimeline> TimelineAsync(EngineHost host, Caller caller) => (await host.Engine.Timelines.ReadAsync(caller, "r", null, EngineHost.Cancel)).Value;

    private static async Task<AgentTimeline> AtAsync(EngineHost host, long seq) => (await host.Engine.Timelines.ReadAsync(host.Owner, "r", seq, EngineHost.Cancel)).Value;

    private static async Task<AgentLane> LaneAsync(EngineHost host, string agent) => (await TimelineAsync(host, host.Owner)).Of(agent)!; // Each test has it joined.

    private static string Words(AgentLane lane) => string.Join(", ", lane.Spans.Select(static span => span.Until is { } until ? $"{span.Activity.Word()} {(until - span.From).TotalSeconds}" : span.Activity.Word()));
}
