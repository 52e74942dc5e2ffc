using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Finding words in a room over MCP: the answer of <c>GET /rooms/{room}/search</c>, within what the caller reads.</summary>
public sealed class SearchTests(SyncHost host)
{
    [Fact]
    public async Task Search_OfWords_IsPagedAndBounded()
    {
        var id = SyncHost.NewName("search");
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("reader")), "searcher");
        await mcp.OkAsync("sync_create_room", new { id });
        await mcp.OkAsync("sync_embody", new { room = id });
        await mcp.OkAsync("sync_send_message", new { room = id, body = "Paint the fence before noon" });
        await mcp.OkAsync("sync_send_message", new { room = id, body = "Fences want two coats" });

        var found = await mcp.OkAsync("sync_read_context", new { room = id, search = "fence", limit = 1 });
        Assert.Contains("Fences want", Assert.Single(found.GetProperty("results").EnumerateArray()).GetProperty("snippet").GetString(), StringComparison.Ordinal);
        var next = await mcp.OkAsync("sync_read_context", new { room = id, search = "fence", before = found.GetProperty("next_before").GetInt64() });
        Assert.Contains("Paint the fence", Assert.Single(next.GetProperty("results").EnumerateArray()).GetProperty("snippet").GetString(), StringComparison.Ordinal);

        foreach (var hostile in (string[])["\"", "***", "a b c d e f g h i", new string('x', 300)])
        {
            await mcp.RefusedAsync("invalid_parameter", "sync_read_context", new { room = id, search = hostile });
        }

        await mcp.RefusedAsync("invalid_parameter", "sync_read_context", new { room = id, search = "fence", only = "state" });
        await mcp.RefusedAsync("invalid_parameter", "sync_read_context", new { room = id, search = "fence", limit = 101 });
    }

    [Fact]
    public async Task Search_InARoomOfOthers_IsDenied()
    {
        var id = SyncHost.NewName("search");
        await using var owner = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("owner")), "owner");
        await owner.OkAsync("sync_create_room", new { id, join = "members" });
        await using var other = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("other")), "other");

        await other.RefusedAsync("scope_denied", "sync_read_context", new { room = id, search = "fence" });
    }
}
