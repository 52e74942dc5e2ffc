using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>What a small budget gives of a room of 60 keys, 12 actions, 8 views and 20 messages, over HTTP and MCP.</summary>
public sealed class BudgetTests(SyncHost host)
{
    [Fact]
    public async Task SmallBudget_ShowsWhatIsToTheReader_OrSaysWhichOneDoes()
    {
        var room = await RoomAsync();
        var alice = await room.JoinAsync("alice");
        await room.InvokeAsync("keep", new { }, alice);
        foreach (var i in Enumerable.Range(0, 20))
        {
            await room.InvokeAsync("_send_message", i is 3 or 9 ? new { body = $"Directed {i}: take item{i} please.", to = "alice" } : (object)new { body = $"News {i}: work goes on as was agreed this morning." });
        }

        await using var mcp = await McpConnection.OpenAsync(host, alice.Token!, SyncHost.NewName("c")); // It has one.
        foreach (var budget in (int[])[150, 350, 500, 800, 1_200, 2_000])
        {
            var overHttp = await alice.GetAsync($"{room.Path}/context?budget={budget}&peek=true");
            var overMcp = await mcp.CallAsync("sync_read_context", new { room = room.Id, budget, peek = true });
            Check("http", budget, overHttp.Status == 200 ? overHttp.Text : null);
            Check("mcp", budget, overMcp.IsError is true ? null : Text(overMcp));
        }

        var refused = await mcp.RefusedAsync("invalid_parameter", "sync_read_context", new { room = room.Id, budget = 150, peek = true });
        var minimum = refused.GetProperty("minimum").GetInt32();
        Assert.InRange(minimum, 300, 700);
        Check("mcp", minimum, Text(await mcp.CallAsync("sync_read_context", new { room = room.Id, budget = minimum, peek = true })));
    }

    // What is not refused has the messages to the reader and its own agent; of what is cut nothing is said twice.
    private static void Check(string surface, int budget, string? answer)
    {
        if (answer is null)
        {
            Assert.True(budget < 700, $"{surface} {budget} is refused.");
            return;
        }

        var context = JsonElement.Parse(answer);
        var all = Encoding.UTF8.GetByteCount(answer);
        var notes = Encoding.UTF8.GetByteCount(context.GetProperty("_context").GetRawText());
        var line = string.Create(CultureInfo.InvariantCulture, $"{surface} {budget}: {all / 4} tokens, {notes / 4} of them notes\n  {answer}");
        Assert.True(all <= budget * 4, line);
        Assert.Contains(context.GetProperty("messages").GetProperty("recent").EnumerateArray(), message => message.GetProperty("body").GetString()!.StartsWith("Directed", StringComparison.Ordinal));
        Assert.True(context.GetProperty("agents").TryGetProperty("alice", out _), line);
        Assert.False(context.GetProperty("_context").TryGetProperty("_expand", out _), line);
        var cuts = context.GetProperty("_context").GetProperty("elided").EnumerateArray().Where(note => !note.TryGetProperty("scope", out _)).Select(note => note.GetProperty("section").GetString()).ToList();
        Assert.Equal(cuts.Distinct(), cuts);
        if (budget >= 800)
        {
            Assert.StartsWith("Ship", context.GetProperty("state").GetProperty("_shared").GetProperty("objective").GetString(), StringComparison.Ordinal);
            Assert.Equal("Finish item3", context.GetProperty("state").GetProperty("self").GetProperty("plan").GetString());
            Assert.True(notes * 5 <= all * 3, line);
        }
    }

    private static string Text(CallToolResult result) => result.Content.OfType<TextContentBlock>().Single().Text;

    private async Task<TestRoom> RoomAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "put", @params = new { scope = new { type = "string" }, key = new { type = "string" }, v = new { } }, writes = new[] { new { scope = "${params.scope}", key = "${params.key}", value = "${params.v}" } } });
        await room.RegisterAsync(new { id = "keep", writes = new[] { new { scope = "self", key = "plan", value = "Finish item3" } } });
        await room.InvokeAsync("put", new { scope = "_shared", key = "objective", v = "Ship the release on Friday with all items done." });
        for (var i = 0; i < 59; i++)
        {
            var scope = i < 25 ? "_shared" : i < 45 ? "_items" : i < 52 ? "_notes" : "_plans";
            await room.InvokeAsync("put", new { scope, key = $"item{i}", v = new { title = $"Item {i}", status = "open", text = new string('t', 60) } });
        }

        for (var i = 0; i < 10; i++)
        {
            await room.RegisterAsync(new { id = $"act{i}", description = $"Moves item {i} to the next stage of the work.", writes = new[] { new { scope = $"_done{i}", key = "x", value = 1 } } });
        }

        for (var i = 0; i < 8; i++)
        {
            await room.InvokeAsync("_register_view", new { id = $"view{i}", expr = $"state._items.size() + {i}", description = "How many there are." });
        }

        return room;
    }
}
