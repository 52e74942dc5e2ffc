using Sync.Engine.Identity;
using Sync.Engine.Model.Messages;

namespace Sync.Engine.Tests.Model.Messages;

public sealed class MessageTests
{
    [Fact]
    public async Task Send_NumbersMessagesApartFromEvents()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");

        var first = await host.InvokeAsync(alice, "r", "_send_message", """{"body":"hi"}""");
        var second = await host.InvokeAsync(alice, "r", "_send_message", """{"body":{"n":1},"kind":"task","to":["bob","alice","bob"]}""");

        Assert.Equal((1, 2), (first["message_seq"].Number(), second["message_seq"].Number()));
        Assert.Equal(first["seq"].Number() + 1, second["seq"].Number());
        JsonAssert.Equal(
            """[{"seq":1,"from":"alice","kind":"chat","body":"hi","at":"2026-03-01T12:00:00Z"},{"seq":2,"from":"alice","kind":"task","body":{"n":1},"to":["bob","alice"],"at":"2026-03-01T12:00:00Z"}]""",
            (await host.ContextAsync(alice, "r"))["messages"]!["recent"]);
        Assert.Equal("unknown_agent", second["warnings"]![0]!["code"].Text());
    }

    [Theory]
    [InlineData("{}", "missing_param")]
    [InlineData("""{"body":"x","kind":""}""", "invalid_param")]
    [InlineData("""{"body":"x","kind":5}""", "invalid_param_type")]
    [InlineData("""{"body":"x","to":5}""", "invalid_param_type")]
    [InlineData("""{"body":"x","to":["a",1]}""", "invalid_param_type")]
    [InlineData("""{"body":"x","to":"_shared"}""", "invalid_id")]
    [InlineData("""{"body":"x","text":"y"}""", "unknown_param")]
    public async Task Send_BadParameters_IsRefused(string parameters, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.RefusedAsync(host.Owner, "r", "_send_message", parameters)).Code.Name);
    }

    [Fact]
    public async Task Unread_CountsOthersMessagesAfterTheCursor()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await SendAsync(bob, "1");
        await SendAsync(alice, "2");
        await SendAsync(bob, "3", "alice");
        await SendAsync(host.Owner, "4");

        Assert.Equal((3, 1), await CountsAsync(alice, "peek=true"));
        Assert.Equal((3, 1), await CountsAsync(alice, "messages=false"));
        Assert.Contains("directed_messages", (await host.ContextAsync(alice, "r", "peek=true"))["_context"]!["help"].Texts());
        Assert.Equal((2, 0), await CountsAsync(bob, "peek=true"));
        Assert.Equal((3, 1), await CountsAsync(alice, "messages_after=0&messages_limit=2"));
        Assert.Equal((2, 1), await CountsAsync(alice, ""));
        Assert.Equal((0, 0), await CountsAsync(alice, ""));
        await SendAsync(bob, "5", "alice");
        await host.RestartAsync();
        alice = await host.CallerAsync(await TokenAsync(host, "alice"));
        Assert.Equal((1, 1), await CountsAsync(alice, "peek=true"));

        Task SendAsync(Caller caller, string body, string? to = null) =>
            host.InvokeAsync(caller, "r", "_send_message", to is null ? $$"""{"body":"{{body}}"}""" : $$"""{"body":"{{body}}","to":"{{to}}"}""");

        async Task<(long Unread, long Directed)> CountsAsync(Caller caller, string query)
        {
            var messages = query == "messages=false" ? null : (await host.ContextAsync(caller, "r", query))["messages"];
            if (messages is null)
            {
                await host.ContextAsync(caller, "r", query);
                messages = (await host.ContextAsync(caller, "r", "peek=true"))["messages"];
            }

            return (messages!["unread"].Number(), messages["directed_unread"].Number());
        }
    }

    [Fact]
    public async Task Paging_BeyondMemory_GivesEveryMessageOnce()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        const int Count = MessageWindow.Capacity + 150;
        foreach (var chunk in Enumerable.Range(1, Count).Chunk(200))
        {
            await Task.WhenAll(chunk.Select(n => host.InvokeAsync(bob, "r", "_send_message", $$"""{"body":{{n}},"kind":"{{(n % 500 == 7 ? "rare" : "chat")}}"}""")));
        }

        Assert.Equal(Enumerable.Range(1, Count).Select(n => (long)n), await PageAsync("messages_limit=400", "messages_after=0"));
        Assert.Equal(5, (await PageAsync("messages_limit=50&messages_kinds=rare", "messages_after=0")).Count);
        Assert.Equal([Count], await PageAsync("", $"messages_after={Count - 1}"));
        Assert.Empty(await PageAsync("", $"messages_after={Count}"));
        Assert.Empty(await PageAsync("", "messages_after=9223372036854775807"));
        var newest = await host.ContextAsync(alice, "r", "messages_limit=10&peek=true");
        Assert.Equal(Count - 10, newest["_context"]!["elided"]![0]!["missing"].Number());
        Assert.Contains("context_shaping", newest["_context"]!["help"].Texts());
        Assert.Equal((Count, Count), (newest["messages"]!["count"].Number(), newest["messages"]!["unread"].Number()));
        await host.RestartAsync();
        Assert.Equal(Count, (await host.LoadedAsync("r")).Published.Messages.Count);

        async Task<List<long>> PageAsync(string query, string start)
        {
            var numbers = new List<long>();
            for (var more = start; more is not null;)
            {
                var context = await host.ContextAsync(alice, "r", $"only=messages&peek=true&{query}&{more}".TrimEnd('&').Replace("&&", "&", StringComparison.Ordinal));
                numbers.AddRange(context["messages"]!["recent"]!.AsArray().Select(m => m!["seq"].Number()));
                var next = context["_context"]!["elided"]!.AsArray().FirstOrDefault(e => e!["section"].Text() == "messages") is { } cut ? EngineHost.QueryOf(cut["query"].Text()) : null;
                Assert.NotEqual(more, next);
                more = next;
            }

            return numbers;
        }
    }

    [Fact]
    public async Task Kinds_Filter()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var kind in (string[])["chat", "task", "note"])
        {
            await host.InvokeAsync(host.Owner, "r", "_send_message", $$"""{"body":1,"kind":"{{kind}}"}""");
        }

        Assert.Equal(["chat", "note"], (await host.ContextAsync(host.Owner, "r", "messages_kinds=note,chat"))["messages"]!["recent"]!.AsArray().Select(m => m!["kind"].Text()));
    }

    private static async Task<string> TokenAsync(EngineHost host, string agent)
    {
        var joined = (await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json($$"""{"id":"{{agent}}"}"""), EngineHost.Cancel)).Value;
        return EngineHost.Node(joined.Json)["token"].Text();
    }
}
