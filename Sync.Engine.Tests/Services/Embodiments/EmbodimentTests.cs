using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Embodiments;

namespace Sync.Engine.Tests.Services.Embodiments;

public sealed class EmbodimentTests
{
    [Fact]
    public async Task Embody_AfterARestart_FindsTheSameAgent()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var before = await EmbodyAsync(host, new EmbodyRequest { State = EngineHost.Json("""{"kept":1}""") });

        await host.RestartAsync();
        var after = await EmbodyAsync(host, new EmbodyRequest());

        Assert.Equal("olga:probe", before.Agent);
        Assert.True(before.Created);
        Assert.Equal(before.Agent, after.Agent);
        Assert.False(after.Created);
    }

    [Fact]
    public async Task Embodiment_ThatNeverActed_IsGoneAfterARestartAndOneThatActedIsNot()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var acting = host.Owner.In(host.Engine.Embodiments.Open(host.Owner, "acting"));
        Assert.Null((await host.Engine.Embodiments.EmbodyAsync(acting, "r", new EmbodyRequest(), EngineHost.Cancel)).Error);
        await host.InvokeAsync(acting, "r", "_send_message", """{"body":"hi"}""");
        await EmbodyAsync(host, new EmbodyRequest());
        Assert.Equal(["olga:acting", "olga:probe"], (await host.LoadedAsync("r")).Published.Agents.Keys);

        // The server stops without closing its sessions.
        await host.RestartAsync();

        Assert.Equal(["olga:acting"], (await host.ContextAsync(host.Owner, "r"))["agents"]!.AsObject().Select(agent => agent.Key));
        Assert.Equal(["olga:acting"], (await host.LoadedAsync("r")).Published.Agents.Keys);
    }

    [Fact]
    public async Task Embody_AgainWithNothingNew_LogsNothing()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var session = host.Owner.In(host.Engine.Embodiments.Open(host.Owner, "Probe"));
        Assert.Null((await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest(), EngineHost.Cancel)).Error);
        var seq = (await host.Engine.Rooms.GetAsync(host.Owner, "r", EngineHost.Cancel)).Value.Figures!.Seq; // A room that was just used is loaded.

        Assert.Null((await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest(), EngineHost.Cancel)).Error);

        Assert.Equal(seq, (await host.Engine.Rooms.GetAsync(host.Owner, "r", EngineHost.Cancel)).Value.Figures!.Seq);
    }

    [Fact]
    public async Task Invoke_InASessionThatObserves_IsRefusedAndHelpIsNot()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var caller = host.Owner.In(host.Engine.Embodiments.Open(host.Owner, "probe"));

        var refused = await host.RefusedAsync(caller, "r", "_send_message", """{"body":"hi"}""");
        var help = await host.InvokeAsync(caller, "r", "help");

        Assert.Equal(ErrorCode.EmbodimentRequired, refused.Code);
        Assert.True(help.ContainsKey("keys"));
    }

    [Fact]
    public async Task Session_OfADeadToken_EndsAndLetsItsAgentGo()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var minted = (await host.Engine.Access.MintAsync("olga", "rooms:*", label: null, TimeSpan.FromSeconds(1), EngineHost.Cancel)).Value;
        var caller = await host.CallerAsync(minted.Secret);
        var session = host.Engine.Embodiments.Open(caller, "probe");
        Assert.Null((await host.Engine.Embodiments.EmbodyAsync(caller.In(session), "r", new EmbodyRequest(), EngineHost.Cancel)).Error);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await using var registration = session.Ended.Register(ended.SetResult);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), EngineHost.Cancel);

        // It never acted, so it goes with its release.
        var waited = await host.Engine.Waits.WaitAsync(host.Owner, "r", "!('olga:probe' in agents)", timeout: null, ContextShape.Default, EngineHost.Cancel);
        Assert.Contains("\"triggered\":true", System.Text.Encoding.UTF8.GetString(waited.Value.Span), StringComparison.Ordinal);
        Assert.Null(session.AgentIn("r"));
    }

    private static async Task<Embodied> EmbodyAsync(EngineHost host, EmbodyRequest request)
    {
        var session = host.Engine.Embodiments.Open(host.Owner, "Probe");
        return (await host.Engine.Embodiments.EmbodyAsync(host.Owner.In(session), "r", request, EngineHost.Cancel)).Value;
    }
}
