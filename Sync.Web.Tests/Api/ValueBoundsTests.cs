using System.Text;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>The bounds of values over HTTP and MCP: the engine's, whatever the door. That every door of the engine has them is tested there.</summary>
public sealed class ValueBoundsTests(SyncHost host)
{
    [Theory]
    [InlineData(32, null)]
    [InlineData(33, "invalid_param")]
    [InlineData(61, "invalid_param")]
    [InlineData(64, "invalid_json")]
    public async Task Value_OfSomeDepth_IsTakenOrRefusedOverHttp(int depth, string? code)
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "set", @params = new { v = new { } }, writes = new[] { new { key = "k", value = "${params.v}" } } });
        var body = Encoding.UTF8.GetBytes($$"""{"params":{"v":{{Nested(depth)}} } }""");

        var reply = await room.Owner.PostRawAsync(room.Path + "/actions/set/invoke", body);
        var joined = await room.Owner.PostRawAsync(room.Path + "/agents", Encoding.UTF8.GetBytes($$"""{"id":"dora","state":{"k":{{Nested(depth)}} } }"""));

        if (code is null)
        {
            reply.AssertOk();
            joined.AssertOk(201);
        }
        else
        {
            reply.AssertRefusal(code, 400);
            joined.AssertRefusal(code, 400);
        }

        (await room.Owner.GetAsync(room.Path + "/context?depth=full")).AssertOk();
    }

    [Theory]
    [InlineData("""{"params":{"v":1e400}}""")]
    [InlineData("""{"params":{"v":{"a":1,"a":2}}}""")]
    [InlineData("""{"params":{"v":"\ud800"}}""")]
    public async Task Value_ThatJsonLeavesToChance_IsRefusedOverHttp(string body)
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "set", @params = new { v = new { } }, writes = new[] { new { key = "k", value = "${params.v}" } } });

        (await room.Owner.PostRawAsync(room.Path + "/actions/set/invoke", Encoding.UTF8.GetBytes(body))).AssertRefusal("invalid_json", 400);
    }

    [Fact]
    public async Task Value_TooDeepOrOfAnotherHistory_IsRefusedOverMcp()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "set", @params = new { v = new { } }, writes = new[] { new { key = "k", value = "${params.v}" } } });
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id });

        await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "set", @params = new { v = Levels(32) } });
        await mcp.RefusedAsync("invalid_param", "sync_invoke_action", new { room = room.Id, action = "set", @params = new { v = Levels(33) } });
        await mcp.RefusedAsync("invalid_param", "sync_send_message", new { room = room.Id, body = Levels(33) });
        var context = await mcp.ContextAsync(room.Id);
        var cursor = context.GetProperty("_context").GetProperty("cursor").GetString()!;
        await mcp.OkAsync("sync_read_context", new { room = room.Id, since = cursor });
        await mcp.RefusedAsync("cursor_reset", "sync_read_context", new { room = room.Id, since = cursor.Split('.')[0] + ".000000000000" });
        await mcp.RefusedAsync("cursor_reset", "sync_wait", new { room = room.Id, condition = "true", since = cursor.Split('.')[0] + ".000000000000" });
    }

    [Fact]
    public async Task Append_ToALongList_AnswersTheElement()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "set", @params = new { v = new { } }, writes = new[] { new { key = "k", value = "${params.v}" } } });
        await room.RegisterAsync(new { id = "append", @params = new { v = new { } }, writes = new[] { new { key = "k", append = true, value = "${params.v}" } } });
        (await room.InvokeAsync("set", new { v = Enumerable.Repeat("0123456789", 2_000) })).AssertOk();

        var write = (await room.InvokeAsync("append", new { v = "last" })).AssertOk()["writes"][0];

        Assert.Equal((2_000, "last", 2), (write.GetProperty("index").GetInt32(), write.GetProperty("element").GetString(), write.GetProperty("revision").GetInt32()));
        Assert.False(write.TryGetProperty("value", out _));
    }

    private static object Levels(int depth) => depth == 0 ? 1 : new[] { Levels(depth - 1) };

    private static string Nested(int depth) => new string('[', depth) + "1" + new string(']', depth);
}
