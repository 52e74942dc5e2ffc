using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>From a message to what came of it and back, over HTTP and MCP.</summary>
public sealed class CauseTests(SyncHost host)
{
    [Fact]
    public async Task Chain_OverHttp_IsFollowedBothWays()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "take", writes = new[] { new { key = "taken", value = "${self}" } } });
        var ann = await room.JoinAsync("ann");
        var waiting = ann.PostAsync(room.Path + "/wait", new { condition = "messages.directed_unread > 0", timeout = 60_000 });
        var message = (await room.InvokeAsync("_send_message", new { body = "take it", to = "ann" }))["seq"].GetInt64();
        Assert.Equal(message, (await waiting)["woken_by"].GetInt64());

        var claim = (await room.InvokeAsync("take", by: ann))["seq"].GetInt64();
        var write = (await ann.PostAsync(room.Path + "/actions/take/invoke", new { because = new { seq = claim } }))["seq"].GetInt64();

        Assert.Equal([claim], await FollowedAsync(room, message));
        Assert.Equal([write], await FollowedAsync(room, claim));
        Assert.Empty(await FollowedAsync(room, write));
        Assert.Equal(claim, (await room.Owner.GetAsync($"{room.Path}/events/{write}"))["because"].GetProperty("seq").GetInt64());
        Assert.Equal(message, (await room.Owner.GetAsync($"{room.Path}/events/{claim}"))["because"].GetProperty("wake").GetInt64());
        Assert.Equal(claim, (await room.Owner.GetAsync($"{room.Path}/audit?after={write - 1}"))["events"][0].GetProperty("because").GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task Chain_OverMcp_IsFollowedBothWays()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "take", writes = new[] { new { key = "taken", value = "${self}" } } });
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // Its owner has one.
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        var message = (await room.InvokeAsync("_send_message", new { body = "go" }))["seq"].GetInt64();
        Assert.Equal(message, (await mcp.OkAsync("sync_wait", new { room = room.Id, condition = "messages.unread > 0" })).GetProperty("woken_by").GetInt64());

        var claim = (await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "take" })).GetProperty("seq").GetInt64();
        var write = (await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "take", because = new { message = 1 } })).GetProperty("seq").GetInt64();

        var of = await mcp.OkAsync("sync_read_context", new { room = room.Id, @event = message });
        Assert.Equal([claim, write], of.GetProperty("followed").EnumerateArray().Select(static e => e.GetProperty("seq").GetInt64()));
        var page = await mcp.OkAsync("sync_read_context", new { room = room.Id, @event = message.ToString(System.Globalization.CultureInfo.InvariantCulture), limit = 1 });
        Assert.Equal(claim, page.GetProperty("next_after").GetInt64());
        Assert.Equal(message, (await mcp.OkAsync("sync_read_context", new { room = room.Id, @event = write })).GetProperty("because").GetProperty("seq").GetInt64());
        await mcp.RefusedAsync("invalid_parameter", "sync_read_context", new { room = room.Id, @event = write, only = "state" });
        await mcp.RefusedAsync("invalid_parameter", "sync_read_context", new { room = room.Id, @event = 9_999 });
        await mcp.RefusedAsync("invalid_parameter", "sync_invoke_action", new { room = room.Id, action = "take", because = new { message = 7 } });
    }

    [Fact]
    public async Task Event_OfAnotherRoom_IsNobodysToRead()
    {
        var room = await host.RoomAsync();
        var stranger = await host.UserAsync();

        Assert.Equal(403, (await stranger.GetAsync(room.Path + "/events/1")).Status);
        Assert.Equal(400, (await room.Owner.GetAsync(room.Path + "/events/0")).Status);
        Assert.Equal(400, (await room.Owner.GetAsync(room.Path + "/events/x")).Status);
        Assert.Equal(400, (await room.Owner.GetAsync(room.Path + "/events/1?limit=0")).Status);
    }

    private static async Task<IEnumerable<long>> FollowedAsync(TestRoom room, long seq) =>
        (await room.Owner.GetAsync($"{room.Path}/events/{seq}"))["followed"].EnumerateArray().Select(static e => e.GetProperty("seq").GetInt64());
}
