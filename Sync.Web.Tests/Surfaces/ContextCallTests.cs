using System.Text.Json;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Surfaces;

/// <summary>Reading the log and the history of a key, and naming parts in the wrong place: over HTTP and MCP, by the calls that are said.</summary>
public sealed class ContextCallTests(SyncHost host)
{
    [Theory]
    [InlineData("state._shared")]
    [InlineData("_shared")]
    [InlineData("messages,state._shared.n,activity")]
    public async Task Include_WithAPart_IsRefusedWithTheCallThatWorks(string include)
    {
        var (room, mcp) = await RoomAsync();
        await using var _ = mcp;

        var overHttp = await room.Owner.PostAsync($"{room.Path}/wait", new { condition = "true", include });
        var overMcp = await mcp.RefusedAsync("invalid_parameter", "sync_wait", new { room = room.Id, condition = "true", include });
        var read = await mcp.RefusedAsync("invalid_parameter", "sync_read_context", new { room = room.Id, include });

        Assert.Equal(400, overHttp.Status);
        var http = overHttp["hint"].GetString()!;
        Assert.StartsWith($"POST {room.Path}/wait {{", http, StringComparison.Ordinal);
        var reply = await room.Owner.PostAsync($"{room.Path}/wait", Arguments(http));
        Assert.Equal(30, reply["context"].GetProperty("state").GetProperty("_shared").GetProperty("n").GetInt32());
        Assert.Equal(30, (await mcp.OkAsync("sync_wait", Arguments(Said(overMcp, "sync_wait")))).GetProperty("context").GetProperty("state").GetProperty("_shared").GetProperty("n").GetInt32());
        Assert.Equal(30, (await mcp.OkAsync("sync_read_context", Arguments(Said(read, "sync_read_context")))).GetProperty("state").GetProperty("_shared").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task LogAndHistory_OverBoth_ArePagedByTheQueriesThatAreSaid()
    {
        var (room, mcp) = await RoomAsync();
        await using var _ = mcp;

        var log = await mcp.OkAsync("sync_read_context", new { room = room.Id, only = "state._audit" });
        var older = await mcp.OkAsync("sync_read_context", Arguments(Query(log)));
        var after = await mcp.OkAsync("sync_read_context", new { room = room.Id, only = "state._audit", after = "5", limit = 4 });
        var since = await mcp.OkAsync("sync_read_context", new { room = room.Id, only = "state._audit", since = "5", limit = 4 });
        var newer = await mcp.OkAsync("sync_read_context", Arguments(Query(after)));
        var history = await mcp.OkAsync("sync_read_context", new { room = room.Id, only = "state._shared.n", include = "history", limit = 2 });
        var before = await mcp.OkAsync("sync_read_context", Arguments(Query(history)));
        var overHttp = (await room.Owner.GetAsync($"{room.Path}/context?only=state._shared.n&include=history&limit=2")).AssertOk();

        var end = log.GetProperty("_context").GetProperty("seq").GetInt64();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => end - i), Seqs(log));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => end - 20 - i).Where(static seq => seq > 0), Seqs(older));
        Assert.Equal([6, 7, 8, 9], Seqs(after));
        Assert.Equal([6, 7, 8, 9], Seqs(since));
        Assert.Equal([10, 11, 12, 13], Seqs(newer));
        Assert.Equal([30, 29], Values(history));
        Assert.Equal([28, 27], Values(before));
        Assert.Equal(Values(history), Values(overHttp.Json));
        await mcp.RefusedAsync("invalid_cel", "sync_eval_cel", new { room = room.Id, expr = "size(state._audit)" });
        await mcp.RefusedAsync("invalid_cel", "sync_wait", new { room = room.Id, condition = "state._audit.exists(e, true)" });
        Assert.Equal("invalid_cel", (await room.Owner.PostAsync($"{room.Path}/eval", new { expr = "state._audit.size()" })).Error);
    }

    private async Task<(TestRoom Room, McpConnection Mcp)> RoomAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "put", @params = new { v = new { type = "integer" } }, writes = new[] { new { key = "n", value = "${params.v}" } } });
        for (var i = 1; i <= 30; i++)
        {
            await room.InvokeAsync("put", new { v = i });
        }

        return (room, await McpConnection.OpenAsync(host, room.Owner.Token!, SyncHost.NewName("c"))); // It has one.
    }

    private static IEnumerable<long> Seqs(JsonElement context) => context.GetProperty("state").GetProperty("_audit").EnumerateArray().Select(static e => e.GetProperty("seq").GetInt64());

    private static IEnumerable<int> Values(JsonElement context) => context.GetProperty("history").EnumerateArray().Select(static write => write.GetProperty("value").GetInt32());

    private static string Query(JsonElement context) => context.GetProperty("_context").GetProperty("elided").EnumerateArray().Single().GetProperty("query").GetString()!;

    private static string Said(JsonElement error, string tool)
    {
        var hint = error.GetProperty("hint").GetString()!;
        Assert.StartsWith($"{tool} {{", hint, StringComparison.Ordinal);
        return hint;
    }

    // Of a call as it is said, what stands in braces.
    private static Dictionary<string, object?> Arguments(string call) =>
        JsonSerializer.Deserialize<Dictionary<string, object?>>(call[call.IndexOf('{', StringComparison.Ordinal)..(call.LastIndexOf('}') + 1)])!; // It is an object.
}
