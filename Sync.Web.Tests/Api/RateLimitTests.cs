using System.Text;
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

        var replies = await SyncHost.BurstAsync(40, () => busy.GetAsync("/rooms"));

        Assert.Contains(replies, reply => reply.Status == 200);
        replies.First(reply => reply.Status != 200).AssertRefusal("rate_limited", 429);
        (await calm.GetAsync("/rooms")).AssertOk();
    }

    [Fact]
    public async Task RequestsInFlight_OfOneToken_AreBoundedAndLeaveOthersAlone()
    {
        await using var host = new SyncHost(new() { ["Sync:Limits:RequestsInFlight"] = "2" });
        await host.InitializeAsync();
        var room = await host.RoomAsync();
        using var giveUp = new CancellationTokenSource();
        using var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", room.Owner.Token);
        var waits = Enumerable.Range(0, 3).Select(_ => client.GetAsync(new Uri($"{room.Path}/wait?condition=state._shared.never%20%3D%3D%201", UriKind.Relative), giveUp.Token)).ToList();

        // One of three is one too many.
        using var refused = await await Task.WhenAny(waits);

        Assert.Equal(429, (int)refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("under way", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        (await (await host.UserAsync()).GetAsync("/rooms")).AssertOk();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waits));
    }

    [Fact]
    public async Task AnswerBytes_OfOneToken_AreBoundedOverEveryDoorAndLeaveOthersAlone()
    {
        await using var host = new SyncHost(new() { ["Sync:Limits:AnswerBytesPerSecond"] = "4096" });
        await host.InitializeAsync();
        var room = await host.RoomAsync();
        await SyncHost.BurstAsync(60, () => room.Owner.GetAsync($"{room.Path}/poll"));
        var replies = await SyncHost.BurstAsync(60, () => room.Owner.GetAsync($"{room.Path}/poll"));

        var refused = replies.First(reply => reply.Status != 200);
        refused.AssertRefusal("rate_limited", 429);
        Assert.NotNull(refused.Header("Retry-After"));
        Assert.Contains("bytes", refused.Text, StringComparison.Ordinal);
        using var call = new StringContent("{}", Encoding.UTF8, "application/json");
        (await room.Owner.SendAsync(HttpMethod.Post, "/mcp", call, ("Accept", "application/json, text/event-stream"))).AssertRefusal("rate_limited", 429);
        (await (await host.UserAsync()).GetAsync("/rooms")).AssertOk();
    }

    [Fact]
    public async Task Health_AskedOftenFromOneAddress_AlwaysAnswers()
    {
        await using var host = new SyncHost(new() { ["Sync:Limits:AnonymousRequestsPerSecond"] = "1", ["Sync:Limits:AnswerBytesPerSecond"] = "1024" });
        await host.InitializeAsync();

        foreach (var path in new[] { "/health", "/health/live", "/health/ready" })
        {
            for (var i = 0; i < 40; i++)
            {
                (await host.Client().GetAsync(path)).AssertOk();
            }
        }
    }

    [Fact]
    public async Task Limit_OfInventedTokens_IsThatOfTheirAddress()
    {
        await using var host = new SyncHost(new() { ["Sync:Limits:AnonymousRequestsPerSecond"] = "2" });
        await host.InitializeAsync();

        var invented = 0;
        var replies = await SyncHost.BurstAsync(20, () => host.Client("tok_invented" + Interlocked.Increment(ref invented)).GetAsync("/rooms"));

        Assert.Contains(replies, reply => reply.Error == "invalid_token");
        Assert.Contains(replies, reply => reply.Error == "rate_limited");
    }

    [Fact]
    public async Task Limit_OfGuesses_IsAPageForAFormAndJsonForAScript()
    {
        await using var host = new SyncHost(new() { ["Sync:Limits:GuessesPerSecond"] = "1" });
        await host.InitializeAsync();

        var form = await FirstRefusedAsync("/auth/device/approve", "text/html,application/xhtml+xml");
        var script = await FirstRefusedAsync("/auth/passkeys/sign-in/options", "*/*");

        Assert.Equal("text/html", form.ContentHeaders.ContentType?.MediaType);
        Assert.Contains("Too many tries", form.Text, StringComparison.Ordinal);
        Assert.NotNull(form.Header("Retry-After"));
        script.AssertRefusal("rate_limited", 429);

        async Task<ApiReply> FirstRefusedAsync(string path, string accept)
        {
            var replies = await SyncHost.BurstAsync(20, async () =>
            {
                using var content = new FormUrlEncodedContent([KeyValuePair.Create("code", "BCDF-GHJK")]);
                return await host.Client().SendAsync(HttpMethod.Post, path, content, ("Accept", accept));
            });
            return replies.First(reply => reply.Status == 429);
        }
    }
}
