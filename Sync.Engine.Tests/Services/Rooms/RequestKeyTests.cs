using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>A refusal of a new request key tells when there is room for one again, whoever has used up what.</summary>
public sealed class RequestKeyTests
{
    [Theory]
    [InlineData("agent", 2, 100)]
    [InlineData("guests", 100, 4)]
    [InlineData("room", 100, 4)]
    public async Task Refusal_OfARequestKey_SaysWhenOneIsFree(string bound, int perAgent, int ofRoom)
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock, new RoomLimits { RequestKeysPerAgent = perAgent, RequestKeys = ofRoom });
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":true}]}""");
        var first = await host.JoinAsync("r", "first");
        var second = await host.JoinAsync("r", "second");
        var (one, other) = bound switch { "agent" => (first, first), "guests" => (first, second), _ => (host.Owner, host.Owner) };
        var count = 0;
        Outcome<JsonObject> outcome;
        do
        {
            outcome = await IncrementAsync(host, count % 2 == 0 ? one : other, $"k{count++}");
            await host.AdvanceAsync("r", TimeSpan.FromHours(1));
        }
        while (outcome.Error is null && count < 20);

        // The first key was taken so many hours ago, the refused call one hour.
        var refused = outcome.Error!;
        Assert.Equal((ErrorCode.RateLimited, bound), (refused.Code, refused.Details!["of"].Text()));
        Assert.InRange(refused.RetryAfter!.Value.TotalHours, 24 - (count - 1) - 0.001, 24 - (count - 1) + 0.001);
        Assert.DoesNotContain("came with them", refused.Hint, StringComparison.Ordinal);

        await host.AdvanceAsync("r", refused.RetryAfter.Value - TimeSpan.FromHours(1) - TimeSpan.FromSeconds(2));
        Assert.Equal(ErrorCode.RateLimited, (await IncrementAsync(host, one, "early")).Error?.Code);
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(3));
        Assert.Null((await IncrementAsync(host, one, "late")).Error);
    }

    // A room that nobody used for so long is let go of, at worst just now: then it asks for a retry.
    private static Task<Outcome<JsonObject>> IncrementAsync(EngineHost host, Caller caller, string key) =>
        EngineHost.UntilAsync(() => host.TryInvokeAsync(caller, "r", "inc", requestId: key), static answer => answer.Error?.Code != ErrorCode.Unavailable);
}
