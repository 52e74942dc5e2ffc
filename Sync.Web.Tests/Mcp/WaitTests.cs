using System.Diagnostics;
using System.Threading.Channels;
using ModelContextProtocol;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Waits over MCP.</summary>
public sealed class WaitTests(SyncHost host)
{
    public static TheoryData<string> Versions => [McpConnection.Stateful, McpConnection.Stateless];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Wait_ConditionComesTrue_AnswersPromptlyWithACursor(string version)
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, SyncHost.NewName("c"), version);
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        var parked = Parked();

        var waiting = mcp.CallAsync("sync_wait", new { room = room.Id, condition = "messages.count > 0", only = "messages" }, parked);
        await parked.FirstAsync();
        (await room.InvokeAsync("_send_message", new { body = "now" })).AssertOk();
        var answer = (await waiting).StructuredContent!.Value; // A tool of ours has it.

        Assert.True(answer.GetProperty("triggered").GetBoolean());
        var seq = answer.GetProperty("context").GetProperty("_context").GetProperty("seq").GetInt64();
        (await room.InvokeAsync("_send_message", new { body = "later" })).AssertOk();
        var next = await mcp.ContextAsync(room.Id, new Dictionary<string, object?> { ["since"] = seq });
        Assert.Equal("later", next.GetProperty("messages").GetProperty("recent").EnumerateArray().Single().GetProperty("body").GetString());
    }

    [Fact]
    public async Task Wait_TimeUp_SaysSo()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);

        var answer = await mcp.OkAsync("sync_wait", new { room = room.Id, condition = "false", timeout = 1 });

        Assert.False(answer.GetProperty("triggered").GetBoolean());
        Assert.True(answer.GetRawText().Length < 150, answer.GetRawText());
        Assert.False(answer.TryGetProperty("context", out _));
        Assert.Equal(answer.GetProperty("seq").GetInt64(), long.Parse(answer.GetProperty("cursor").GetString()!.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.False((await mcp.OkAsync("sync_wait", new { room = room.Id, condition = "false", timeout = "2" })).GetProperty("triggered").GetBoolean());
        await mcp.RefusedAsync("invalid_parameter", "sync_wait", new { room = room.Id, condition = "false", timeout = -1 });
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Wait_Cancelled_IsFreedAtOnce(string version)
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, SyncHost.NewName("c"), version);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "a" });
        await using var watcher = await McpConnection.OpenAsync(host, room.Owner.Token!, "watcher");
        var parked = Parked();
        using var giveUp = new CancellationTokenSource();

        var waiting = mcp.CallAsync("sync_wait", new { room = room.Id, condition = "false" }, parked, giveUp.Token);
        await parked.FirstAsync();
        Assert.Equal("waiting", (await watcher.ContextAsync(room.Id)).GetProperty("agents").GetProperty("a").GetProperty("status").GetString());
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var freed = await watcher.OkAsync("sync_wait", new { room = room.Id, condition = "agents.a.status != 'waiting'", timeout = 10_000 });
        Assert.True(freed.GetProperty("triggered").GetBoolean());
    }

    [Fact]
    public async Task Wait_TokenDiesMeanwhile_IsRefused()
    {
        var room = await host.RoomAsync();
        var minted = await host.Engine.Access.MintAsync(room.OwnerName, "rooms:*", label: null, TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        await using var mcp = await McpConnection.OpenAsync(host, minted.Value.Secret);

        var clock = Stopwatch.StartNew();
        var result = await mcp.CallAsync("sync_wait", new { room = room.Id, condition = "false" });

        Assert.True(result.IsError);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"It took {clock.Elapsed}.");
    }

    private static FirstProgress Parked() => new();

    private sealed class FirstProgress : IProgress<ProgressNotificationValue>
    {
        private readonly Channel<ProgressNotificationValue> _values = Channel.CreateUnbounded<ProgressNotificationValue>();

        public void Report(ProgressNotificationValue value) => _values.Writer.TryWrite(value);

        public async Task FirstAsync() => Assert.Equal(45, (await _values.Reader.ReadAsync(TestContext.Current.CancellationToken)).Total);
    }
}
