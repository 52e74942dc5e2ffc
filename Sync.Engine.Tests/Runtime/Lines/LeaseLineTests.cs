using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Runtime.Lines;

/// <summary>Calls that stand in line for leases.</summary>
public sealed class LeaseLineTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Claims_OfAKey_AreServedInOrderOfArrival()
    {
        await using var host = await StartAsync();
        var (alice, bob, carl) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k"}""");
        var second = ClaimAsync(host, bob, "k");
        await ParkedAsync(host, 1);
        var third = ClaimAsync(host, carl, "k");
        await ParkedAsync(host, 2);

        await host.InvokeAsync(alice, "r", "_release", """{"key":"k"}""");
        Assert.Equal("bob", HolderOf(await second));
        Assert.False(third.IsCompleted);
        await host.InvokeAsync(bob, "r", "_release", """{"key":"k"}""");

        Assert.Equal("carl", HolderOf(await third));
    }

    [Fact]
    public async Task Claim_ThatShares_StandsBehindWhoWantsTheKeyAlone()
    {
        await using var host = await StartAsync();
        var (alice, bob, carl) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k","mode":"shared"}""");
        var alone = ClaimAsync(host, bob, "k");
        await ParkedAsync(host, 1);

        var hasty = await host.RefusedAsync(carl, "r", "_claim", """{"key":"k","mode":"shared"}""");
        Assert.Equal((ErrorCode.LeaseHeld, "bob", "alice"), (hasty.Code, hasty.Details!["waiting"].Text(), hasty.Details["holder"].Text()));
        var shared = ClaimAsync(host, carl, "k", mode: "shared");
        await ParkedAsync(host, 2);

        // Who holds it goes on holding it.
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k","mode":"shared"}""");
        await host.InvokeAsync(alice, "r", "_release", """{"key":"k"}""");
        Assert.Equal("bob", HolderOf(await alone));
        Assert.False(shared.IsCompleted);
        await host.InvokeAsync(bob, "r", "_release", """{"key":"k"}""");
        Assert.Equal("carl", HolderOf(await shared));
    }

    [Fact]
    public async Task Claims_ThatShare_AreServedTogether()
    {
        await using var host = await StartAsync();
        var (alice, bob, carl) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k"}""");
        var (one, two) = (ClaimAsync(host, bob, "k", mode: "shared"), ClaimAsync(host, carl, "k", mode: "shared"));
        await ParkedAsync(host, 2);

        await host.InvokeAsync(alice, "r", "_release", """{"key":"k"}""");

        await Task.WhenAll(one, two);
        Assert.Equal(2, (await host.LoadedAsync("r")).Published.Leases.Find("k")!.Holds.Length);
    }

    [Fact]
    public async Task Claim_OfAnotherKey_WaitsForNobody()
    {
        await using var host = await StartAsync();
        var (alice, bob, carl) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k"}""");
        var waiting = ClaimAsync(host, bob, "k");
        await ParkedAsync(host, 1);

        Assert.Equal("carl", HolderOf(await ClaimAsync(host, carl, "other")));
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task Lease_ThatEndsByItself_WakesTheHeadAtItsMoment()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var (alice, bob, carl) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k","ttl_ms":10000}""");
        var (second, third) = (ClaimAsync(host, bob, "k", ttlMs: 5_000), (Task<Outcome<Invoked>>?)null);
        await ParkedAsync(host, 1);
        third = ClaimAsync(host, carl, "k");
        await ParkedAsync(host, 2);

        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(9_999));
        Assert.False(second.IsCompleted);
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(2));
        Assert.Equal("bob", HolderOf(await second));
        Assert.False(third.IsCompleted);

        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(5_001));
        Assert.Equal("carl", HolderOf(await third));
    }

    [Fact]
    public async Task Lease_OfAnAgentThatIsRemoved_GoesToTheHead()
    {
        await using var host = await StartAsync();
        var (alice, bob, _) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k"}""");
        var waiting = ClaimAsync(host, bob, "k");
        await ParkedAsync(host, 1);

        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "alice", free: false, Cancel)).Error);

        Assert.Equal("bob", HolderOf(await waiting));
    }

    [Fact]
    public async Task Claim_WhoseCallerHangsUp_LetsTheNextOnesPass()
    {
        await using var host = await StartAsync();
        var (alice, bob, carl) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k","mode":"shared"}""");
        using var hangUp = new CancellationTokenSource();
        var alone = ClaimAsync(host, bob, "k", cancellationToken: hangUp.Token);
        await ParkedAsync(host, 1);
        var shared = ClaimAsync(host, carl, "k", mode: "shared");
        await ParkedAsync(host, 2);

        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        Assert.Equal("carl", HolderOf(await shared));
        await ParkedAsync(host, 0);
    }

    [Fact]
    public async Task Claim_WhoseTimeIsUp_IsToldWhoHoldsTheKeyThen()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var (alice, bob, carl) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k"}""");
        var first = ClaimAsync(host, bob, "k");
        await ParkedAsync(host, 1);
        var waiting = ClaimAsync(host, carl, "k", waitMs: 5_000);
        await ParkedAsync(host, 2);
        await host.InvokeAsync(alice, "r", "_release", """{"key":"k"}""");
        await first;

        clock.Advance(TimeSpan.FromSeconds(5));

        var refusal = (await waiting).Error!;
        Assert.Equal((ErrorCode.LeaseHeld, "bob", true), (refusal.Code, refusal.Details!["holder"].Text(), refusal.Details["timeout"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Retry_OfAClaimInLine_JoinsIt()
    {
        await using var host = await StartAsync();
        var (alice, bob, _) = await ThreeAsync(host);
        await host.InvokeAsync(alice, "r", "_claim", """{"key":"k"}""");
        var first = ClaimAsync(host, bob, "k", requestId: "x");
        await ParkedAsync(host, 1);
        var retry = ClaimAsync(host, bob, "k", requestId: "x");
        await EngineHost.UntilAsync(async () => (await host.LoadedAsync("r")).Presence.Of("bob").Waits, static waits => waits == 2);

        await host.InvokeAsync(alice, "r", "_release", """{"key":"k"}""");

        var (one, two) = (EngineHost.Node((await first).Value), EngineHost.Node((await retry).Value));
        Assert.Equal(one["fence"]!.GetValue<long>(), two["fence"]!.GetValue<long>());
        Assert.True((await retry).Value.Replayed);
    }

    private static async Task<EngineHost> StartAsync(FakeTimeProvider? clock = null)
    {
        var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        return host;
    }

    private static async Task<(Caller Alice, Caller Bob, Caller Carl)> ThreeAsync(EngineHost host) => (await host.JoinAsync("r", "alice"), await host.JoinAsync("r", "bob"), await host.JoinAsync("r", "carl"));

    private static Task<Outcome<Invoked>> ClaimAsync(
        EngineHost host, Caller caller, string key, string mode = "exclusive", int? ttlMs = null, int waitMs = 600_000, string? requestId = null, CancellationToken? cancellationToken = null) =>
        host.Engine.Actions.InvokeAsync(
            caller,
            "r",
            "_claim",
            new InvokeRequest
            {
                Params = EngineHost.Json($$"""{"key":"{{key}}","mode":"{{mode}}"{{(ttlMs is { } ttl ? $",\"ttl_ms\":{ttl}" : "")}}}"""),
                RequestId = requestId,
                Wait = TimeSpan.FromMilliseconds(waitMs),
            },
            cancellationToken ?? Cancel);

    private static string? HolderOf(Outcome<Invoked> outcome) => EngineHost.Node(outcome.Value)["holder"].Text();

    private static async Task ParkedAsync(EngineHost host, int count)
    {
        var writer = (await host.LoadedAsync("r")).OwnWriter();
        await EngineHost.UntilAsync(() => writer.Parked == count);
    }
}
