using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>What each agent did when, over HTTP.</summary>
public sealed class TimelineTests(SyncHost host)
{
    [Fact]
    public async Task Timeline_OfARoom_HasALaneForEachAgent()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "never", @if = "1 > 2", writes = new[] { new { key = "x", value = 1 } } });
        var ann = await room.JoinAsync("ann");
        var bob = await room.JoinAsync("bob");
        var waiting = bob.PostAsync(room.Path + "/wait", new { condition = "messages.directed_unread > 0", timeout = 600_000 });
        await ann.PostAsync(room.Path + "/actions/never/invoke", new { });

        var lanes = await LanesAsync(room, "");
        while (!Spans(lanes["ann"]).Any(static span => span.GetProperty("activity").GetString() == "refused"))
        {
            // The refusal was answered, and is on its way to the log.
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            lanes = await LanesAsync(room, "");
        }

        Assert.False(Spans(lanes["ann"])[^1].TryGetProperty("until", out _));
        while (lanes["bob"].GetProperty("now").GetString() != "waiting")
        {
            // The wait is on its way.
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            lanes = await LanesAsync(room, "");
        }

        var message = (await room.InvokeAsync("_send_message", new { body = "go", to = "bob" }))["seq"].GetInt64();
        await waiting;
        Assert.Contains("waiting", Spans((await LanesAsync(room, $"?at={message}"))["bob"]).Select(static span => span.GetProperty("activity").GetString()));
        Assert.Equal(["bob"], (await LanesAsync(room, "?agent=bob")).Keys);
        Assert.DoesNotContain("bob", (await LanesAsync(room, "?at=1")).Keys);
        foreach (var lane in lanes.Values)
        {
            Assert.All(Spans(lane).Zip(Spans(lane).Skip(1)), static pair => Assert.Equal(pair.First.GetProperty("until").GetString(), pair.Second.GetProperty("from").GetString()));
        }
    }

    [Theory]
    [InlineData("?agent=nobody", 404, "agent_not_found")]
    [InlineData("?at=0", 400, "invalid_parameter")]
    [InlineData("?at=9999", 400, "invalid_parameter")]
    [InlineData("?at=x", 400, "invalid_parameter")]
    [InlineData("?at=1.000000000000", 410, "cursor_reset")]
    public async Task Timeline_OfWhatIsNotThere_IsRefused(string query, int status, string code)
    {
        var room = await host.RoomAsync();

        var reply = await room.Owner.GetAsync(room.Path + "/timeline" + query);

        Assert.Equal(status, reply.Status);
        Assert.Equal(code, reply["error"].GetString());
    }

    [Fact]
    public async Task Timeline_OfAnotherRoom_IsNobodysToRead()
    {
        var room = await host.RoomAsync();
        var stranger = await host.UserAsync();

        Assert.Equal(403, (await stranger.GetAsync(room.Path + "/timeline")).Status);
    }

    private static async Task<Dictionary<string, JsonElement>> LanesAsync(TestRoom room, string query) =>
        (await room.Owner.GetAsync(room.Path + "/timeline" + query)).AssertOk()["agents"].EnumerateArray().ToDictionary(static lane => lane.GetProperty("agent").GetString()!, static lane => lane);

    private static JsonElement[] Spans(JsonElement lane) => [.. lane.GetProperty("spans").EnumerateArray()];
}
