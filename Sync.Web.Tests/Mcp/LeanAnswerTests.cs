using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Answers of tools say what the caller does not know, once, within a bound.</summary>
public sealed class LeanAnswerTests(SyncHost host)
{
    private static readonly string s_long = string.Concat(Enumerable.Repeat("a long text that was sent ", 20));

    [Fact]
    public async Task Invocation_AnswersNothingThatWasSent()
    {
        var (room, mcp) = await RoomAsync();
        await using var _ = mcp;
        await mcp.OkAsync("sync_register_action", new { room, id = "note", @params = new { text = new { type = "string" }, n = new { type = "integer" } }, writes = new object[] { new { key = "note", value = new { text = "${params.text}" } }, new { key = "sum", increment = "${params.n}" } } });

        var answer = await mcp.OkAsync("sync_invoke_action", new { room, action = "note", @params = new { text = s_long, n = 5 } });

        Assert.DoesNotContain("a long text", answer.GetRawText(), StringComparison.Ordinal);
        Assert.False(answer.TryGetProperty("params", out var _));
        Assert.Equal(["note", "sum"], answer.GetProperty("writes").EnumerateArray().Select(write => write.GetProperty("key").GetString()));
        Assert.Equal(5, answer.GetProperty("writes")[1].GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task Message_AnswersItsNumber()
    {
        var (room, mcp) = await RoomAsync();
        await using var _ = mcp;

        var answer = await mcp.OkAsync("sync_send_message", new { room, body = s_long });

        Assert.Equal(1, answer.GetProperty("message_seq").GetInt64());
        Assert.True(answer.GetRawText().Length < 150, answer.GetRawText());
    }

    [Fact]
    public async Task Registration_OfSixtyWrites_IsShortAndSaysHowToReadTheRest()
    {
        var (room, mcp) = await RoomAsync();
        await using var _ = mcp;
        object Definition(string id) => new { room, id, @params = new { scope = new { type = "string" } }, writes = Enumerable.Range(0, 60).Select(i => new { scope = i % 2 == 0 ? "${params.scope}" : "_shared", key = $"some_longer_key_{i}", value = s_long }).ToArray() };
        await mcp.OkAsync("sync_register_action", Definition("one"));

        var second = await mcp.OkAsync("sync_register_action", Definition("two"));
        var again = await mcp.OkAsync("sync_register_action", new { room, id = "two", writes = new[] { new { key = "some_longer_key_1", value = 1 } } });

        foreach (var answer in (JsonElement[])[second, again])
        {
            Assert.True(answer.GetRawText().Length <= 1_500, answer.GetRawText());
            Assert.True(answer.GetProperty("invoked").GetBoolean());
            Assert.True(answer.TryGetProperty("version", out var _));
        }

        Assert.NotEmpty(Reads(second));

        Assert.Equal(29, second.GetProperty("warnings")[0].GetProperty("more_fields").GetInt32());
        foreach (var call in Reads(second).Concat(Reads(again)))
        {
            await mcp.OkAsync(call[(call.IndexOf(": ", StringComparison.Ordinal) + 2)..call.IndexOf(" {", StringComparison.Ordinal)], JsonElement.Parse(call[call.IndexOf('{', StringComparison.Ordinal)..]).EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value));
        }
    }

    [Fact]
    public async Task View_WithALongValue_IsShortAndSaysHowToReadIt()
    {
        var (room, mcp) = await RoomAsync();
        await using var _ = mcp;

        var shown = await mcp.OkAsync("sync_register_view", new { room, id = "short", expr = "[1, 2]" });
        var left = await mcp.OkAsync("sync_register_view", new { room, id = "it's \"long\"", expr = $"'{s_long}'.split('')" });

        Assert.Equal("[1,2]", shown.GetProperty("value").GetRawText());
        Assert.True(left.GetRawText().Length <= 1_500, left.GetRawText());
        Assert.Contains("sync_eval_cel", left.GetProperty("read")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lobby_OfTwentyRooms_HasItsBound()
    {
        var token = await host.MintAsync(SyncHost.NewName("many"));
        var owner = host.Client(token);
        for (var i = 0; i < 20; i++)
        {
            var room = SyncHost.NewName("lobby");
            (await owner.PostAsync("/rooms", new { id = room, name = "A room with a name of its own" })).AssertOk(201);
            for (var agent = 0; agent < 12; agent++)
            {
                (await owner.PostAsync($"/rooms/{room}/agents", new { id = $"agent-with-a-longer-name-{agent}" })).AssertOk(201);
            }
        }

        await using var mcp = await McpConnection.OpenAsync(host, token);
        var lobby = await mcp.OkAsync("sync_lobby");

        Assert.Equal(20, lobby.GetProperty("rooms").GetArrayLength());
        Assert.True(lobby.GetRawText().Length <= 12_000, $"{lobby.GetRawText().Length} characters.");
        Assert.All(lobby.GetProperty("rooms").EnumerateArray(), room => Assert.True(room.GetProperty("more_agents").GetInt32() > 0));
    }

    private static List<string> Reads(JsonElement answer) => answer.TryGetProperty("read", out var reads) ? [.. reads.EnumerateArray().Select(read => read.GetString()!)] : []; // They are texts.

    private async Task<(string Room, McpConnection Mcp)> RoomAsync()
    {
        var room = await host.RoomAsync();
        var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // Its owner has one.
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        return (room.Id, mcp);
    }
}
