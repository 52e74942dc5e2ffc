using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>Calls that stand in line, over HTTP and MCP.</summary>
public sealed class LineTests(SyncHost host)
{
    public static TheoryData<string> Versions => [McpConnection.Stateful, McpConnection.Stateless];

    [Fact]
    public async Task Invocation_WithWaitMs_IsAnsweredWhenThereIsSomething_OrWhenItsTimeIsUp()
    {
        var room = await QueueAsync();
        var (alice, bob) = (await room.JoinAsync("alice"), await room.JoinAsync("bob"));
        var first = NextAsync(room, alice, 60_000);
        await WaitingAsync(room, "alice");
        var second = NextAsync(room, bob, 60_000);
        await WaitingAsync(room, "bob");

        (await room.InvokeAsync("post", new { id = "a" })).AssertOk();
        (await room.InvokeAsync("post", new { id = "b" })).AssertOk();

        Assert.Equal("a", (await first).AssertOk()["writes"][0].GetProperty("key").GetString());
        Assert.Equal("b", (await second).AssertOk()["writes"][0].GetProperty("key").GetString());
        var late = await NextAsync(room, alice, 1);
        late.AssertRefusal("nothing_to_write", 409);
        Assert.True(late["timeout"].GetBoolean());
        (await NextAsync(room, alice, 600_001)).AssertRefusal("invalid_parameter", 400);
        (await alice.PostAsync($"{room.Path}/actions/next/invoke", new { wait_ms = 1, dry_run = true })).AssertRefusal("invalid_parameter", 400);
        (await alice.PostAsync($"{room.Path}/actions/post/invoke", new { wait_ms = 1, @params = new { id = "c" } })).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Client_ThatHangsUp_LeavesTheLine()
    {
        var room = await QueueAsync();
        var (alice, bob) = (await room.JoinAsync("alice"), await room.JoinAsync("bob"));
        using (var http = new HttpClient { BaseAddress = host.Address })
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", alice.Token);
            using var hangUp = new CancellationTokenSource();
            using var content = new StringContent("""{"wait_ms":600000}""", System.Text.Encoding.UTF8, "application/json");
            var gone = http.PostAsync(new Uri($"{room.Path}/actions/next/invoke", UriKind.Relative), content, hangUp.Token);
            await WaitingAsync(room, "alice");
            await hangUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
            await WaitingAsync(room, "alice", isWaiting: false);
        }

        (await room.InvokeAsync("post", new { id = "a" })).AssertOk();

        Assert.Equal("a", (await NextAsync(room, bob, 60_000)).AssertOk()["writes"][0].GetProperty("key").GetString());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Tool_WithWaitMs_IsAnsweredWhenThereIsSomething_AndSaysThatItWasCapped(string version)
    {
        var room = await QueueAsync();
        await using var mcp = await McpConnection.OpenAsync(host, (await room.JoinAsync("alice")).Token!, SyncHost.NewName("c"), version);
        var waiting = mcp.CallAsync("sync_invoke_action", new { room = room.Id, action = "next", wait_ms = 600_000 });
        await WaitingAsync(room, "alice");

        (await room.InvokeAsync("post", new { id = "a" })).AssertOk();

        Assert.Equal("a", (await waiting).StructuredContent!.Value.GetProperty("writes")[0].GetProperty("key").GetString()); // A tool of ours has it.
        var late = await mcp.RefusedAsync("nothing_to_write", "sync_invoke_action", new { room = room.Id, action = "next", wait_ms = 1 });
        Assert.True(late.GetProperty("timeout").GetBoolean());
        await mcp.RefusedAsync("invalid_parameter", "sync_invoke_action", new { room = room.Id, action = "post", wait_ms = 1, @params = new { id = "b" } });
    }

    private async Task<TestRoom> QueueAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "post", @params = new { id = new { type = "string" } }, writes = new[] { new { scope = "_tasks", key = "${params.id}", value = new { status = "open" } } } });
        await room.RegisterAsync(new
        {
            id = "next",
            writes = new[] { new { scope = "_tasks", key_expr = "state._tasks.entries().filter(e, e.value.status == 'open').map(e, e.key)[0]", merge = new { status = "taken", by = "${self}" } } },
        });
        return room;
    }

    private static Task<ApiReply> NextAsync(TestRoom room, ApiClient by, int waitMs) => by.PostAsync($"{room.Path}/actions/next/invoke", new { wait_ms = waitMs });

    private static async Task WaitingAsync(TestRoom room, string agent, bool isWaiting = true) =>
        (await room.Owner.PostAsync(room.Path + "/wait", new { condition = $"(agents.{agent}.status == 'waiting') == {(isWaiting ? "true" : "false")}", timeout = 60_000 })).AssertOk();
}
