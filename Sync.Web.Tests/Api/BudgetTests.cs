using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>What exceeds the budget of a request is told so over every door, and what one party registers costs the others little.</summary>
public sealed class BudgetTests(SyncHost host)
{
    private const string TooHeavy = "lists.range(3000).all(x, lists.range(3000).all(y, true))";

    // As much as a view may spend, nearly.
    private const string Heavy = "lists.range(900).all(x, lists.range(900).all(y, true)) && size(state._shared) >= 0";

    [Theory]
    [InlineData(TooHeavy)]
    [InlineData(TooHeavy + " || true")]
    [InlineData("lists.range(9223372036854775807).size() > 0 || lists.range(9223372036854775807).size() > 0 || true")]
    [InlineData("lists.range(200000).exists(i, duration('" + "1h1m1h1m1h1m1h1m1h1m1h1m1h1m1h1m1h1m1h1m" + "') == duration('1s'))")]
    [InlineData("lists.range(100000).exists(i, now.getHours('Nowhere/Land' + string(i)) == 30)")]
    [InlineData("cel.bind(a, lists.range(20000).map(x, 'a').join(), lists.range(20000).exists(i, a.contains(a + 'b')) || lists.range(2000).exists(i, a.indexOf('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab') > 0))")]
    [InlineData("sets.intersects([], lists.range(900000)) || sets.intersects([], lists.range(900000))")]
    public async Task Eval_OfMoreThanTheBudget_IsTheLimit(string expression)
    {
        var room = await host.RoomAsync();

        (await room.Owner.PostAsync(room.Path + "/eval", new { expr = expression })).AssertRefusal("cel_limit_exceeded", 400);
    }

    [Fact]
    public async Task Eval_OverMcp_IsTheLimit()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);

        await mcp.RefusedAsync("cel_limit_exceeded", "sync_eval_cel", new { room = room.Id, expr = TooHeavy + " || true" });
    }

    [Theory]
    [InlineData("if")]
    [InlineData("enabled")]
    public async Task Invoke_WithAConditionOfMoreThanTheBudget_IsTheLimitAlsoAsADryRun(string condition)
    {
        var room = await host.RoomAsync();
        (await room.InvokeAsync("_register_action", new Dictionary<string, object> { ["id"] = "go", [condition] = TooHeavy + " || true", ["writes"] = new[] { new { key = "k", value = 1 } } })).AssertOk();

        (await room.InvokeAsync("go", new { })).AssertRefusal("cel_limit_exceeded", 400);
        (await room.Owner.PostAsync(room.Path + "/actions/go/invoke", new { dry_run = true })).AssertRefusal("cel_limit_exceeded", 400);
        var explained = (await room.Owner.PostAsync(room.Path + "/actions/go/explain", new { })).AssertOk();
        Assert.False(explained["available"].GetBoolean());
        Assert.Equal("cel_limit_exceeded", explained["reason"].GetString());
    }

    [Fact]
    public async Task Invoke_WithAValueOfMoreThanTheBudget_WritesNothing()
    {
        var room = await host.RoomAsync();
        (await room.InvokeAsync("_register_action", new { id = "go", writes = new[] { new { key = "k", value = TooHeavy, expr = true } } })).AssertOk();

        (await room.InvokeAsync("go", new { })).AssertRefusal("cel_limit_exceeded", 400);
        Assert.Equal("{}", (await room.Owner.GetAsync(room.Path + "/context?only=state._shared")).AssertOk()["state"].GetProperty("_shared").GetRawText());
    }

    [Fact]
    public async Task Reads_BesideManyHeavyViews_ShowEverything()
    {
        var room = await host.RoomAsync();
        for (var i = 0; i < 6; i++)
        {
            (await room.InvokeAsync("_register_view", new { id = $"heavy{i}", expr = Heavy })).AssertOk();
        }

        (await room.InvokeAsync("_register_view", new { id = "bad", expr = TooHeavy })).AssertOk();
        (await room.InvokeAsync("_register_view", new { id = "light", expr = "1 + 1" })).AssertOk();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);

        var context = (await room.Owner.GetAsync(room.Path + "/context")).AssertOk()["views"];
        var poll = (await room.Owner.GetAsync(room.Path + "/poll")).AssertOk()["views"];
        var tool = (await mcp.ContextAsync(room.Id)).GetProperty("views");
        var waited = (await room.Owner.GetAsync(room.Path + "/wait?timeout=5000&condition=" + Uri.EscapeDataString("views.light == 2 && views.heavy0 && views.heavy5"))).AssertOk();

        foreach (var views in (System.Text.Json.JsonElement[])[context, poll, tool, waited["context"].GetProperty("views")])
        {
            Assert.Equal(2, views.GetProperty("light").GetProperty("value").GetInt32());
            Assert.True(views.GetProperty("heavy5").GetProperty("value").GetBoolean());
            Assert.True(views.GetProperty("bad").GetProperty("value").TryGetProperty("_error", out _));
        }

        Assert.True(waited["triggered"].GetBoolean());
        Assert.True((await room.Owner.PostAsync(room.Path + "/eval", new { expr = "views.heavy0 && views.heavy1 && views.heavy2 && views.heavy3 && views.light == 2" })).AssertOk()["value"].GetBoolean());
        Assert.Equal(1, (await room.Owner.GetAsync(room.Path + "/samples/heavy0")).AssertOk()["samples"].GetArrayLength());
        (await room.Owner.GetAsync(room.Path + "/replay/3")).AssertOk();
    }

    [Fact]
    public async Task Wait_OnMoreThanTheBudget_TimesOutWithTheReason()
    {
        var room = await host.RoomAsync();

        var answer = (await room.Owner.GetAsync(room.Path + "/wait?timeout=50&only=messages&condition=" + Uri.EscapeDataString(TooHeavy + " || true"))).AssertOk();

        Assert.False(answer["triggered"].GetBoolean());
        Assert.NotEmpty(answer["last_error"].GetString()!);
    }
}
