using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Rooms;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime;

public sealed class DurabilityTests
{
    private const string NoDeletion = "CREATE TRIGGER stop BEFORE UPDATE OF deleted_ms ON rooms BEGIN SELECT RAISE(ABORT, 'no'); END";
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

    /// <summary>Retrying is what a refusal for the disk advises: it must not use up what an agent may keep.</summary>
    [Fact]
    public async Task RequestKey_OfACallThatWasUndone_CountsForNobody()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock(), new RoomLimits { RequestKeysPerAgent = 3 });
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        await host.InvokeAsync(host.Owner, "r", "inc", requestId: "before");

        host.Engine.Log.BeforeCommit = _ => throw new IOException("disk full");
        for (var retry = 0; retry < 5; retry++)
        {
            var refused = await Task.WhenAll(host.RefusedAsync(host.Owner, "r", "inc", requestId: "one"), host.RefusedAsync(host.Owner, "r", "inc", requestId: "other"));
            Assert.All(refused, static error => Assert.Equal(ErrorCode.Unavailable, error.Code));
        }

        host.Engine.Log.BeforeCommit = null;
        Assert.Equal(2, (await host.InvokeAsync(host.Owner, "r", "inc", requestId: "one"))["writes"]![0]!["value"].Number());
        Assert.Equal(1, (await host.InvokeAsync(host.Owner, "r", "inc", requestId: "before"))["writes"]![0]!["value"].Number());
        var writer = (await host.LoadedAsync("r")).OwnWriter();
        var (kept, holders) = (writer.RequestsOver(2, isOne: null), writer.RequestHolders());
        await host.RestartAsync();
        writer = (await host.LoadedAsync("r")).OwnWriter();
        Assert.Equal((kept, 2), (writer.RequestsOver(2, isOne: null), writer.RequestUse(holder: null, host.Time.GetUtcNow()).All));
        Assert.Equal(holders, writer.RequestHolders());
    }

    /// <summary>A room is made whole or not at all: the same call may come again.</summary>
    [Fact]
    public async Task Room_WhoseFirstEventCannotBeStored_IsNotThere()
    {
        await using var host = await EngineHost.StartAsync();
        var scoped = await host.UserAsync("mia", "create_rooms");
        host.Engine.Log.BeforeCommit = _ => throw new IOException("disk full");

        var refused = await host.Engine.Rooms.CreateAsync(scoped, new CreateRoom("r", Name: null, JoinPolicy.Open), EngineHost.Cancel);
        host.Engine.Log.BeforeCommit = null;

        Assert.Equal(ErrorCode.Unavailable, refused.Error?.Code);
        Assert.Equal(0, host.Engine.Rooms.Page(host.Owner, after: null, limit: 10).Value.Total);
        Assert.Null((await host.Engine.Rooms.CreateAsync(scoped, new CreateRoom("r", Name: null, JoinPolicy.Open), EngineHost.Cancel)).Error);
        await host.RestartAsync();
        Assert.Equal(1, (await host.LoadedAsync("r")).Published.Seq);
    }

    /// <summary>Where not even the withdrawal can be stored, the room is there, and the refusal says so.</summary>
    [Fact]
    public async Task Room_ThatCannotBeWithdrawn_IsThereAndCanBeDeleted()
    {
        await using var host = await EngineHost.StartAsync();
        host.Engine.Log.BeforeCommit = _ => throw new IOException("disk full");
        await host.Engine.Database.ExecuteAsync(static session => session.Execute(NoDeletion), EngineHost.Cancel);

        var refused = (await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom("r", Name: null, JoinPolicy.Open), EngineHost.Cancel)).Error;
        host.Engine.Log.BeforeCommit = null;
        await host.Engine.Database.ExecuteAsync(static session => session.Execute("DROP TRIGGER stop"), EngineHost.Cancel);

        Assert.Equal([StepKind.ReadRoom, StepKind.DeleteRoom], refused!.Next.Select(static step => step.Kind));
        Assert.Null((await host.Engine.Rooms.GetAsync(host.Owner, "r", EngineHost.Cancel)).Error);
        Assert.Null((await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel)).Error);
    }

    [Fact]
    public async Task Deletion_ThatCannotBeStored_LeavesTheRoomAsItWas()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        await host.Engine.Database.ExecuteAsync(static session => session.Execute(NoDeletion), EngineHost.Cancel);

        await Assert.ThrowsAnyAsync<Exception>(async () => await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel));
        await host.Engine.Database.ExecuteAsync(static session => session.Execute("DROP TRIGGER stop"), EngineHost.Cancel);

        Assert.Equal(1, host.Engine.Rooms.Page(host.Owner, after: null, limit: 10).Value.Total);
        await host.InvokeAsync(host.Owner, "r", "inc");
        Assert.Null((await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel)).Error);
        Assert.Equal(0, host.Engine.Rooms.Page(host.Owner, after: null, limit: 10).Value.Total);
        await host.RoomAsync("r");
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
