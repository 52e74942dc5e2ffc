using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>Regular expressions over every door: whoever asks, what they cost is bounded, and who may only read asks like everybody else.</summary>
public sealed class PatternTests(SyncHost host)
{
    // Today's figures on the engine before: a gigabyte and six seconds; 36 seconds.
    private const string TwoCounters = "(a|b)*a(a|b){100}c|(a|b)*a(a|b){150}c";
    private const string ManyPatterns = "lists.range(100000).exists(i, \"a\".matches(\"b\" + string(i)))";

    [Fact]
    public async Task Eval_OfAHostilePattern_IsAnsweredForAReader()
    {
        var room = await host.RoomAsync();
        var reader = host.Client(room.ViewToken);

        var answer = await reader.PostAsync(room.Path + "/eval", new { expr = $"\"{string.Concat(Enumerable.Repeat("ab", 500))}\".matches(\"{TwoCounters}\")" });

        Assert.Equal(200, answer.Status);
        Assert.False(answer["value"].GetBoolean());
    }

    [Theory]
    [InlineData(ManyPatterns)]
    [InlineData("[1, 2, 3].all(i, (\"x\" + string(i)).matches(\"[ab]{1000}[bc]{1000}[cd]{1000}\" + string(i)) || lists.range(2000).all(j, !\"aaaa\".matches(\"[ab]{1000}[bc]{1000}x\" + string(j))))")]
    public async Task Eval_OfDynamicPatterns_IsOverTheLimitOverHttpAndMcp(string expression)
    {
        var room = await host.RoomAsync();

        var answer = await host.Client(room.ViewToken).PostAsync(room.Path + "/eval", new { expr = expression });

        Assert.Equal(400, answer.Status);
        Assert.Equal("cel_limit_exceeded", answer["error"].GetString());
        await using var mcp = await McpConnection.OpenAsync(host, room.RoomToken);
        await mcp.RefusedAsync("cel_limit_exceeded", "sync_eval_cel", new { room = room.Id, expr = expression });
    }

    [Fact]
    public async Task Invoke_WithAParameterWhosePatternIsDear_IsOverTheLimitOverHttpAndMcp()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "act", @params = new { p = new { type = "string", pattern = "(a|b)*a(a|b){500}c|(a|b)*a(a|b){750}c" } }, writes = Array.Empty<object>() });
        var dear = new { p = new string('a', 60_000) };

        var answer = await room.InvokeAsync("act", dear);

        Assert.Equal(400, answer.Status);
        Assert.Equal("cel_limit_exceeded", answer["error"].GetString());
        await using var mcp = await McpConnection.OpenAsync(host, room.RoomToken);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "tester" });
        await mcp.RefusedAsync("cel_limit_exceeded", "sync_invoke_action", new { room = room.Id, action = "act", @params = dear });
    }

    [Theory]
    [InlineData("(?=a)")]
    [InlineData(@"\Z")]
    [InlineData("([ab]{1000}){17}")]
    public async Task Register_WithAPatternThatIsNotRe2_IsRefused(string pattern)
    {
        var room = await host.RoomAsync();

        var answer = await room.InvokeAsync("_register_action", new { id = "act", @params = new { p = new { type = "string", pattern } }, writes = Array.Empty<object>() });

        Assert.Equal(400, answer.Status);
        Assert.Equal("invalid_parameter", answer["error"].GetString());
    }
}
