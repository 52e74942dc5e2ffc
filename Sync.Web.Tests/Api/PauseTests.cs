using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>Pauses over HTTP and MCP: what stops, and what goes on.</summary>
public sealed class PauseTests(SyncHost host)
{
    [Fact]
    public async Task Pause_OverHttp_StopsActsAndJoinsAndNoReads()
    {
        var room = await host.RoomAsync();
        var alice = await room.JoinAsync("alice");
        (await room.InvokeAsync("_pause", new { what = "room", reason = "Look at this first." })).AssertOk();

        (await room.InvokeAsync("_send_message", new { body = "hi" }, alice)).AssertRefusal("paused", 409);
        (await room.InvokeAsync("_send_message", new { body = "hi" })).AssertRefusal("paused", 409);
        (await host.Client().PostAsync(room.Path + "/agents", new { id = "bob" })).AssertRefusal("paused", 409);
        (await room.InvokeAsync("_resume", new { what = "room" }, alice)).AssertRefusal("not_owner", 403);
        var context = (await alice.GetAsync(room.Path + "/context")).AssertOk();
        Assert.Equal("Look at this first.", context["_context"].GetProperty("paused")[0].GetProperty("reason").GetString());
        (await alice.GetAsync(room.Path + "/wait?condition=true")).AssertOk();
        (await room.InvokeAsync("help", new { }, alice)).AssertOk();

        (await room.InvokeAsync("_resume", new { what = "room" })).AssertOk();
        (await room.InvokeAsync("_send_message", new { body = "hi" }, alice)).AssertOk();
    }

    [Fact]
    public async Task Resume_OfARoomOverMcp_ByAnOwnerWhoEmbodiedNobodyBefore_GoesOn()
    {
        var room = await host.RoomAsync();
        (await room.InvokeAsync("_pause", new { what = "room", reason = "Look at this first." })).AssertOk();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await using var other = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("other")));

        await other.RefusedAsync("paused", "sync_embody", new { room = room.Id });
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        await mcp.RefusedAsync("paused", "sync_send_message", new { room = room.Id, body = "hi" });
        await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "_resume", @params = new { what = "room" } });

        await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });
        await other.OkAsync("sync_embody", new { room = room.Id });
    }

    [Fact]
    public async Task Pause_OfAnAgent_StopsItOverMcpAndSaysWhatToWaitFor()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "worker" });
        (await room.InvokeAsync("_pause", new { what = "agent:worker", reason = "It loops." })).AssertOk();

        var refused = await mcp.RefusedAsync("paused", "sync_send_message", new { room = room.Id, body = "hi" });

        Assert.Contains("state._pauses", refused.GetProperty("hint").GetString(), StringComparison.Ordinal);
        await mcp.OkAsync("sync_help", new { });
        Assert.Equal("agent:worker", (await mcp.ContextAsync(room.Id)).GetProperty("_context").GetProperty("paused")[0].GetProperty("what").GetString());
    }
}
