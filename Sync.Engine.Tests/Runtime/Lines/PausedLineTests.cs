using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Runtime.Lines;

/// <summary>Calls that stand in line while the room, their agent or their action is paused: they keep their place until their time is over.</summary>
public sealed class PausedLineTests
{
    private const string Post = """{"id":"post","params":{"id":{"type":"string"}},"writes":[{"scope":"_tasks","key":"${params.id}","value":{"status":"open"},"timer":{"ms":10000,"effect":"enable"}}]}""";
    private const string Next = """{"id":"next","writes":[{"scope":"_tasks","key_expr":"state._tasks.entries().filter(e, e.value.status == 'open').map(e, e.key)[0]","merge":{"status":"taken","by":"${self}"}}]}""";
    private const string Work = """{"id":"work","lease":{"take":"k"},"writes":[{"key":"w","value":"${self}"}]}""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>What is paused, and who goes on meanwhile: whoever stands behind one that is paused is served, where the pause does not stop them.</summary>
    [Theory]
    [InlineData("room", false)]
    [InlineData("action:next", false)]
    [InlineData("agent:w0", true)]
    public async Task CallForAThing_TriedWhilePaused_KeepsItsPlace(string what, bool othersGoOn)
    {
        await using var host = await StartAsync();
        var waiting = new List<Task<Outcome<Invoked>>>();
        for (var i = 0; i < 3; i++)
        {
            waiting.Add(TryAsync(host, await host.JoinAsync("r", $"w{i}"), "next"));
            await ParkedAsync(host, i + 1);
        }

        // A task that shows itself while the room is paused: timers of entries run on.
        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"a"}""");
        await host.InvokeAsync(host.Owner, "r", "_pause", $$"""{"what":"{{what}}"}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(11));
        if (othersGoOn)
        {
            Assert.Equal("a", KeyOf(await waiting[1]));
            await host.InvokeAsync(host.Owner, "r", "post", """{"id":"b"}""");
        }

        await ParkedAsync(host, othersGoOn ? 2 : 3);
        await host.InvokeAsync(host.Owner, "r", "_resume", $$"""{"what":"{{what}}"}""");
        if (othersGoOn)
        {
            await host.AdvanceAsync("r", TimeSpan.FromSeconds(11));
        }

        Assert.Equal(othersGoOn ? "b" : "a", KeyOf(await waiting[0]));
        await ParkedAsync(host, othersGoOn ? 1 : 2);
    }

    [Theory]
    [InlineData("room")]
    [InlineData("agent:bob")]
    [InlineData("action:work")]
    public async Task CallForALease_TriedWhilePaused_KeepsItsPlace(string what)
    {
        await using var host = await StartAsync();
        var (alice, bob, carl) = (await host.JoinAsync("r", "alice"), await host.JoinAsync("r", "bob"), await host.JoinAsync("r", "carl"));
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k"}""");
        var first = TryAsync(host, bob, "work");
        await ParkedAsync(host, 1);
        var second = TryAsync(host, carl, "_claim", """{"key":"k"}""");
        await ParkedAsync(host, 2);

        await host.InvokeAsync(host.Owner, "r", "_pause", $$"""{"what":"{{what}}"}""");
        await host.InvokeAsync(alice, "r", "_release", """{"key":"k"}""");
        await host.SettleAsync("r");
        if (what == "room")
        {
            await ParkedAsync(host, 2);
        }
        else
        {
            Assert.Null((await second).Error); // It does not stand behind what cannot go on.
            await ParkedAsync(host, 1);
        }

        await host.InvokeAsync(host.Owner, "r", "_resume", $$"""{"what":"{{what}}"}""");
        await host.SettleAsync("r");
        if (what != "room")
        {
            Assert.False(first.IsCompleted);
            await host.InvokeAsync(carl, "r", "_release", """{"key":"k"}""");
        }

        Assert.Null((await first).Error);
        Assert.Equal("bob", (string?)await host.EvalAsync(host.Owner, "r", "leases.k.holder"));
    }

    [Fact]
    public async Task Call_WhoseTimeIsUpWhilePaused_IsToldOfThePauseAndOfTheTime()
    {
        await using var host = await StartAsync();
        var worker = await host.JoinAsync("r", "w0");
        var waiting = TryAsync(host, worker, "next");
        await ParkedAsync(host, 1);
        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"a"}""");
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room","reason":"It is late."}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(11));
        Assert.False(waiting.IsCompleted);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(50));

        var refusal = (await waiting).Error!;
        Assert.Equal((ErrorCode.Paused, true, 60_000), (refusal.Code, refusal.Details!["timeout"]!.GetValue<bool>(), refusal.Details["elapsed_ms"]!.GetValue<long>()));
        Assert.Equal("paused", (await host.RefusedAsync(worker, "r", "next")).Code.Name);
    }

    [Fact]
    public async Task Newcomer_WhoWouldWaitInAPausedRoom_IsRefusedAtOnce()
    {
        await using var host = await StartAsync();
        var worker = await host.JoinAsync("r", "w0");
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");

        var refusal = (await TryAsync(host, worker, "next")).Error!;

        Assert.Equal((ErrorCode.Paused, false), (refusal.Code, refusal.Details!.ContainsKey("timeout")));
    }

    private static string? KeyOf(Outcome<Invoked> outcome) => EngineHost.Node(outcome.Value)["writes"]![0]!["key"]!.GetValue<string>();

    private static Task<Outcome<Invoked>> TryAsync(EngineHost host, Caller caller, string action, string parameters = "{}") =>
        host.Engine.Actions.InvokeAsync(caller, "r", action, new InvokeRequest { Params = EngineHost.Json(parameters), Wait = TimeSpan.FromSeconds(60) }, Cancel);

    private static async Task ParkedAsync(EngineHost host, int count)
    {
        var writer = (await host.LoadedAsync("r")).OwnWriter();
        await EngineHost.UntilAsync(() => writer.Parked == count);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        foreach (var definition in new[] { Post, Next, Work })
        {
            await host.RegisterAsync(host.Owner, "r", definition);
        }

        return host;
    }
}
