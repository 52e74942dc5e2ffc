using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Packs, templates and forks over MCP: no tools of their own.</summary>
public sealed class PackTests(SyncHost host)
{
    [Fact]
    public async Task CreateRoom_WithATemplate_BeginsWithIt()
    {
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("maker")));
        var id = SyncHost.NewName("room");

        var made = await mcp.OkAsync("sync_create_room", new { id, template = "vote" });
        var again = await mcp.OkAsync("sync_create_room", new { id, template = "blackboard" });
        await mcp.RefusedAsync("pack_not_found", "sync_create_room", new { id = id + "-2", template = "voting" });
        var forked = await mcp.OkAsync("sync_create_room", new { id = id + "-3", fork = id });
        await mcp.RefusedAsync("invalid_parameter", "sync_create_room", new { fork = id, template = "vote" });

        Assert.Equal("vote", made.GetProperty("template").GetProperty("name").GetString());
        Assert.Contains("_install_pack", again.GetProperty("warnings")[0].GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, forked.GetProperty("forked_at").GetInt64());
        var actions = (await mcp.ContextAsync(id)).GetProperty("actions");
        Assert.True(actions.TryGetProperty("open_ballot", out _));
        Assert.True(actions.TryGetProperty("_install_pack", out _));
    }

    [Fact]
    public async Task InstallPack_OverTheTool_AnswersNoText()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(room.OwnerName));
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        Assert.False((await mcp.ContextAsync(room.Id)).GetProperty("actions").TryGetProperty("_install_pack", out _));

        var answer = await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "_install_pack", @params = new { pack = "vote" } });
        var removed = await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "_uninstall_pack", @params = new { pack = "vote" } });

        Assert.Contains("actions.vote", answer.GetProperty("adds").EnumerateArray().Select(part => part.GetString()));
        Assert.False(answer.TryGetProperty("writes", out _));
        Assert.True(answer.GetRawText().Length < 1_500, answer.GetRawText());
        Assert.Contains("actions.vote", removed.GetProperty("removes").EnumerateArray().Select(part => part.GetString()));
    }
}
