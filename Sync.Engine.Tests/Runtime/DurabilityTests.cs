using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime;

public sealed class DurabilityTests
{
    private const string Increment = """{"id":"inc","writes":[{"key":"n","increment":true}]}""";

    [Fact]
    public async Task Commit_BlockedOnDisk_ShowsNothingUntilDurable()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        using var block = new BlockedCommit(host.Engine.Log);

        var invoked = host.InvokeAsync(host.Owner, "r", "inc");
        await block.ReachedAsync();

        Assert.False(invoked.IsCompleted);
        Assert.Null(await host.EvalAsync(host.Owner, "r", "state._shared.n"));
        JsonAssert.Equal("{}", (await host.ContextAsync(host.Owner, "r"))["state"]!["_shared"]);
        block.LetGo();
        await invoked;
        Assert.Equal(1, (await host.EvalAsync(host.Owner, "r", "state._shared.n")).Number());
    }

    [Fact]
    public async Task Commands_WhileOneIsBlocked_BuildOnItsOutcome()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        using var block = new BlockedCommit(host.Engine.Log);
        var first = host.InvokeAsync(host.Owner, "r", "inc");
        await block.ReachedAsync();

        var others = Enumerable.Range(0, 5).Select(_ => host.InvokeAsync(host.Owner, "r", "inc")).ToArray();
        block.LetGo();

        await first;
        var values = (await Task.WhenAll(others)).Select(a => a["writes"]![0]!["value"].Number());
        Assert.Equal([2, 3, 4, 5, 6], values.Order());
    }

    [Fact]
    public async Task Commit_ThatFails_IsUnavailableAndLeavesNoTraceOrHole()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        await host.InvokeAsync(host.Owner, "r", "inc");
        var seq = (await host.LoadedAsync("r")).Published.Seq;

        host.Engine.Log.BeforeCommit = _ => throw new IOException("disk full");
        var refused = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.RefusedAsync(host.Owner, "r", "inc")));
        host.Engine.Log.BeforeCommit = null;

        Assert.All(refused, e => Assert.Equal(ErrorCode.Unavailable, e.Code));
        Assert.Equal(1, (await host.EvalAsync(host.Owner, "r", "state._shared.n")).Number());
        Assert.Equal(seq, (await host.LoadedAsync("r")).Published.Seq);
        var answer = await host.InvokeAsync(host.Owner, "r", "inc");
        Assert.Equal(2, answer["writes"]![0]!["value"].Number());
        Assert.Equal(seq + 1, answer["seq"].Number());
        await host.RestartAsync();
        Assert.Equal(2, (await host.EvalAsync(host.Owner, "r", "state._shared.n")).Number());
    }

    [Fact]
    public async Task Commit_ThatFails_TakesOnlyItsOwnRoomsCommandsWithIt()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("good");
        await host.RoomAsync("bad");
        await host.RegisterAsync(host.Owner, "good", Increment);
        await host.RegisterAsync(host.Owner, "bad", Increment);
        var bad = (await host.LoadedAsync("bad")).Record.Row;
        host.Engine.Log.BeforeCommit = appends =>
        {
            if (appends.Any(a => a.Room == bad))
            {
                throw new IOException("disk full");
            }
        };

        Assert.Equal(ErrorCode.Unavailable, (await host.RefusedAsync(host.Owner, "bad", "inc")).Code);
        Assert.Equal(1, (await host.InvokeAsync(host.Owner, "good", "inc"))["writes"]![0]!["value"].Number());
    }

    [Fact]
    public async Task Timer_WhoseEventCannotBeStored_FiresOnceTheDiskIsBack()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"lease","writes":[{"key":"n","value":1,"timer":{"ms":1000,"effect":"delete"}}]}""");
        await host.InvokeAsync(host.Owner, "r", "lease");

        host.Engine.Log.BeforeCommit = _ => throw new IOException("disk full");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
        Assert.NotNull(await host.StoredAsync("r", "_shared", "n"));
        host.Engine.Log.BeforeCommit = null;
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(5));

        Assert.Null(await host.StoredAsync("r", "_shared", "n"));
    }

    [Fact]
    public async Task Timer_SetForThePast_IsTakenOutOfTheStateAtOnce()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"lease","writes":[{"key":"n","value":1,"timer":{"at":"2020-01-01T00:00:00Z","effect":"delete"}}]}""");

        await host.InvokeAsync(host.Owner, "r", "lease");
        Assert.Null(await host.EvalAsync(host.Owner, "r", "state._shared.n"));
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(5));

        Assert.Null(await host.StoredAsync("r", "_shared", "n"));
    }
}
