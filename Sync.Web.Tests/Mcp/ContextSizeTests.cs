using System.Globalization;
using System.Text;
using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>How much a model reads of a large room: 60 keys, 300 notes of 800 characters, 200 actions with guards.</summary>
public sealed class ContextSizeTests(SyncHost host)
{
    // What the specification allows an answer, at four bytes for each token.
    private const int MaxBytes = 15_000 * 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LargeRoom_OverEveryWayOfReading_IsWithinTheTokens()
    {
        var room = await LargeAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, SyncHost.NewName("c")); // It has one.
        (string Tool, object Arguments)[] calls =
        [
            ("sync_read_context", new { room = room.Id, peek = true }),
            ("sync_read_context", new { room = room.Id, depth = "full", meta = true, peek = true }),
            ("sync_read_context", new { room = room.Id, only = "state._notes" }),
            ("sync_read_context", new { room = room.Id, only = "actions", depth = "usage" }),
            ("sync_wait", new { room = room.Id, condition = "true", peek = true }),
        ];
        foreach (var (tool, arguments) in calls)
        {
            var bytes = Encoding.UTF8.GetByteCount((await mcp.OkAsync(tool, arguments)).GetRawText());
            Assert.True(bytes <= MaxBytes, string.Create(CultureInfo.InvariantCulture, $"{tool} {JsonSerializer.Serialize(arguments)}: {bytes} bytes"));
        }

        foreach (var budget in (int[])[1_000, 4_000])
        {
            var context = await mcp.OkAsync("sync_read_context", new { room = room.Id, budget, peek = true });
            Assert.True(Encoding.UTF8.GetByteCount(context.GetRawText()) <= budget * 4);
            Assert.NotEmpty(context.GetProperty("_context").GetProperty("salience").EnumerateArray());
        }

        await mcp.RefusedAsync("cel_limit_exceeded", "sync_eval_cel", new { room = room.Id, expr = "state._notes" });
        var resource = await mcp.Client.ReadResourceAsync($"sync://rooms/{room.Id}/context", cancellationToken: Cancel);
        Assert.True(Encoding.UTF8.GetByteCount(resource.Contents.OfType<ModelContextProtocol.Protocol.TextResourceContents>().Single().Text) <= MaxBytes);
    }

    [Fact]
    public async Task Actions_OverMcp_LeaveOutThoseThatAreTools()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, SyncHost.NewName("c")); // It has one.
        var tools = (await mcp.Client.ListToolsAsync(cancellationToken: Cancel)).Select(static tool => tool.Name).ToList();

        var overMcp = (await mcp.ContextAsync(room.Id)).GetProperty("actions").EnumerateObject().Select(static action => action.Name).ToList();
        var overHttp = (await room.Owner.GetAsync($"{room.Path}/context")).AssertOk()["actions"].EnumerateObject().Select(static action => action.Name).ToList();

        Assert.DoesNotContain(overMcp, action => tools.Contains("sync" + (action.StartsWith('_') ? action : $"_{action}")));
        Assert.Contains("_send_message", overHttp);
        Assert.Contains("help", overHttp);
        Assert.Equal("_send_message", (await mcp.ContextAsync(room.Id, new { only = "actions._send_message" })).GetProperty("actions").EnumerateObject().Single().Name);
    }

    private async Task<TestRoom> LargeAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "put", @params = new { key = new { type = "string" }, v = new { } }, writes = new[] { new { scope = "_shared", key = "${params.key}", value = "${params.v}" } } });
        await room.RegisterAsync(new { id = "note", @params = new { text = new { type = "string" } }, writes = new[] { new { scope = "_notes", append = true, value = "${params.text}" } } });
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => room.InvokeAsync("put", new { key = $"key{i}", v = new { title = $"Entry {i}", points = i, text = new string('t', 400) } })));
        await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => room.InvokeAsync("note", new { text = new string('n', 800) })));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => room.InvokeAsync("_register_action", new
        {
            id = $"finish{i}",
            description = $"Marks entry {i} as done.",
            @if = $"state._shared.key0.points < {i}",
            writes = new[] { new { scope = "_done", key = $"entry{i}", value = true } },
        })));
        return room;
    }
}
