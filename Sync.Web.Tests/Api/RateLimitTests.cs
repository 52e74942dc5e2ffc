using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

public sealed class RateLimitTests
{
    [Fact]
    public async Task Limit_OfOneToken_LeavesOthersAlone()
    {
        await using var host = new SyncHost(new() { ["Sync:Limits:RequestsPerSecond"] = "2" });
        await host.InitializeAsync();
        var busy = await host.UserAsync();
        var calm = await host.UserAsync();

        var replies = new List<ApiReply>();
        for (var i = 0; i < 20; i++)
        {
            replies.Add(await busy.GetAsync("/rooms"));
        }

        Assert.Contains(replies, reply => reply.Status == 200);
        replies.First(reply => reply.Status != 200).AssertRefusal("rate_limited", 429);
        (await calm.GetAsync("/rooms")).AssertOk();
    }

    [Fact]
    public async Task Limit_OfInventedTokens_IsThatOfTheirAddress()
    {
        await using var host = new SyncHost(new() { ["Sync:Limits:AnonymousRequestsPerSecond"] = "2" });
        await host.InitializeAsync();

        var replies = new List<ApiReply>();
        for (var i = 0; i < 20; i++)
        {
            replies.Add(await host.Client("tok_invented" + i).GetAsync("/rooms"));
        }

        Assert.Contains(replies, reply => reply.Error == "invalid_token");
        Assert.Contains(replies, reply => reply.Error == "rate_limited");
    }
}
