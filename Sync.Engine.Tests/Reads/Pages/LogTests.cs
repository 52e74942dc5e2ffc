using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Pages;

namespace Sync.Engine.Tests.Reads.Pages;

/// <summary>The log looked through from its end.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task Log_WithoutAQuery_ComesPageByPageToTheFirstEvent()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await SayAsync(host, 25);
        var newest = (await host.LoadedAsync("r")).Published.Seq;

        var seen = new List<long>();
        for (long? before = null; before is not <= 1;)
        {
            var page = (await host.Engine.Live.LogAsync(host.Owner, "r", new LogQuery(), before, limit: 10, EngineHost.Cancel)).Value;
            seen.AddRange(page.Events.Select(e => e.Seq));
            before = page.SearchedTo;
        }

        Assert.Equal(Enumerable.Range(1, (int)newest).Reverse().Select(seq => (long)seq), seen);
    }

    [Fact]
    public async Task LogSearch_ForARareWord_ReadsABoundedStretchEachTime()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"needle"}""");
        var at = (await host.LoadedAsync("r")).Published.Seq;
        await SayAsync(host, 700);

        var first = (await host.Engine.Live.LogAsync(host.Owner, "r", new LogQuery(Text: "NEEDLE"), before: null, limit: 50, EngineHost.Cancel)).Value;
        var second = (await host.Engine.Live.LogAsync(host.Owner, "r", new LogQuery(Text: "NEEDLE"), first.SearchedTo, limit: 50, EngineHost.Cancel)).Value;

        Assert.Empty(first.Events);
        Assert.InRange(first.SearchedTo, 2, at + 700);
        Assert.Equal(at, Assert.Single(second.Events).Seq);
        Assert.Equal(1, second.SearchedTo);
    }

    [Fact]
    public async Task Log_ByAgentAndOutcome_TakesOnlyThose()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ada = await host.JoinAsync("r", "ada");
        await host.RegisterAsync(host.Owner, "r", """{"id":"shut","if":"false","writes":[{"key":"a","value":1}]}""");
        await host.InvokeAsync(ada, "r", "_send_message", """{"body":"x"}""");
        await host.RefusedAsync(ada, "r", "shut");
        await host.SettleAsync("r");

        // The refusal enters the log a little later.
        var refused = await EngineHost.UntilAsync(
            async () => (await host.Engine.Live.LogAsync(host.Owner, "r", new LogQuery(Agent: "ada", Ok: false), before: null, limit: 50, EngineHost.Cancel)).Value,
            static page => !page.Events.IsEmpty);

        Assert.Equal("shut", Assert.Single(refused.Events).Action);
        var sent = (await host.Engine.Live.LogAsync(host.Owner, "r", new LogQuery(Agent: "ada", Action: "_send_message"), before: null, limit: 50, EngineHost.Cancel)).Value;
        Assert.Equal("ada", Assert.Single(sent.Events).Agent);
    }

    [Fact]
    public async Task Log_OfAPrivateWrite_IsNotFoundByItsParameters()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ada = await host.JoinAsync("r", "ada");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"note","params":{"v":{"type":"string"}},"writes":[{"scope":"${self}","key":"k","value":"${params.v}"}]}""");
        await host.InvokeAsync(ada, "r", "note", """{"v":"a secret thought"}""");

        Assert.Single((await FindAsync(ada)).Events);
        Assert.Empty((await FindAsync(bob)).Events);

        async Task<LogPage> FindAsync(Caller caller) => (await host.Engine.Live.LogAsync(caller, "r", new LogQuery(Text: "secret thought"), before: null, limit: 50, EngineHost.Cancel)).Value;
    }

    [Fact]
    public async Task Log_OfAStrangerOrWithoutBounds_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var stranger = await host.UserAsync("sam", "rooms:*");

        Assert.Equal(ErrorCode.ScopeDenied, (await host.Engine.Live.LogAsync(stranger, "r", new LogQuery(), before: null, limit: 10, EngineHost.Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.Live.LogAsync(host.Owner, "r", new LogQuery(), before: null, limit: 501, EngineHost.Cancel)).Error?.Code);
    }

    // Never more at once than one agent may have waiting.
    private static async Task SayAsync(EngineHost host, int count)
    {
        foreach (var batch in Enumerable.Range(0, count).Chunk(100))
        {
            await Task.WhenAll(batch.Select(i => host.InvokeAsync(host.Owner, "r", "_send_message", $$"""{"body":"m{{i}}"}""")));
        }
    }
}
