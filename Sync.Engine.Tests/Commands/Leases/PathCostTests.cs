using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.Leases;

/// <summary>Comparing paths is paid by whoever asks for it, before it is done.</summary>
public sealed class PathCostTests
{
    private static string Costly(string part) =>
        string.Join(',', Enumerable.Range(0, 64).Select(n => $"\"*/*/*/*/{part}{n}*b*c*d*\""));

    [Fact]
    public async Task Claim_WhosePathsTakeTooMuchToCompare_IsRefusedAndOthersGoOn()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var (mal, bob) = (await host.JoinAsync("r", "mal"), await host.JoinAsync("r", "bob"));
        for (var n = 0; n < 30; n++)
        {
            // One's own holds are in nobody's way but others'.
            await host.InvokeAsync(mal, "r", "_claim", $$"""{"key":"k{{n}}","paths":[{{Costly($"m{n}x")}}]}""");
        }

        var refused = await host.RefusedAsync(bob, "r", "_claim", $$"""{"key":"all","paths":[{{Costly("y")}}]}""");

        Assert.Equal(ErrorCode.CelLimitExceeded, refused.Code);
        Assert.Null(await host.StoredAsync("r", "_leases", "all"));
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"plain"}""");
        Assert.NotNull(await host.StoredAsync("r", "_leases", "plain"));
    }
}
