using System.Text.Json.Nodes;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Rooms;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime;

public sealed class CommandQueueTests
{
    private const string Note = """{"id":"note","params":{"n":{}},"writes":[{"key":"notes","append":true,"value":"${params.n}"}]}""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Flood_OfOneAgent_DelaysAnotherByOneTurn()
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await using var held = await HeldRoom.HoldAsync(host, "r");
        var flood = Enumerable.Range(0, 50).Select(i => host.InvokeAsync(alice, "r", "note", $$"""{"n":{{i}}}""")).ToArray();
        var other = host.InvokeAsync(bob, "r", "note", """{"n":"bob"}""");
        Assert.Equal(51, held.Room.OwnWriter().Queued);

        held.LetGo();

        var first = (await flood[0])["seq"].Number();
        Assert.Equal(first + 1, (await other)["seq"].Number());
        Assert.Equal(Enumerable.Range(2, 49).Select(i => first + i), (await Task.WhenAll(flood)).Skip(1).Select(a => (long)a["seq"].Number()));
    }

    [Fact]
    public async Task Flood_OfManyGuests_DelaysAMemberByOneTurn()
    {
        await using var host = await StartAsync();
        var guests = new List<Caller>();
        for (var i = 0; i < 20; i++)
        {
            guests.Add(await host.JoinAsync("r", $"guest{i}"));
        }

        await using var held = await HeldRoom.HoldAsync(host, "r");
        var flood = guests.Select(guest => host.InvokeAsync(guest, "r", "note", """{"n":1}""")).ToArray();
        var owner = host.InvokeAsync(host.Owner, "r", "note", """{"n":"owner"}""");

        held.LetGo();

        Assert.Equal((await flood[0])["seq"].Number() + 1, (await owner)["seq"].Number());
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task Line_ThatIsFull_RefusesWithATimeToRetry()
    {
        await using var host = await StartAsync(new RoomLimits { QueuedCommands = 5, QueuedCommandsPerAgent = 3 });
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        var carl = await host.JoinAsync("r", "carl");
        await using var held = await HeldRoom.HoldAsync(host, "r");
        var waiting = Enumerable.Range(0, 3).Select(_ => host.InvokeAsync(alice, "r", "note", """{"n":1}""")).ToList();

        var tooMany = await host.RefusedAsync(alice, "r", "note", """{"n":1}""");
        waiting.AddRange(Enumerable.Range(0, 2).Select(_ => host.InvokeAsync(bob, "r", "note", """{"n":1}""")));
        var full = await host.RefusedAsync(carl, "r", "note", """{"n":1}""");

        Assert.Equal((ErrorCode.RateLimited, true), (tooMany.Code, tooMany.RetryAfter > TimeSpan.Zero));
        Assert.Equal((ErrorCode.Unavailable, true), (full.Code, full.RetryAfter > TimeSpan.Zero));
        held.LetGo();
        await Task.WhenAll(waiting);
        await host.InvokeAsync(carl, "r", "note", """{"n":1}""");
        Assert.Equal(6, (await host.EvalAsync(host.Owner, "r", "state._shared.notes.size()")).Number());
    }

    [Fact]
    public async Task Caller_ThatGivesUp_LeavesTheLine()
    {
        await using var host = await StartAsync();
        await using var held = await HeldRoom.HoldAsync(host, "r");
        using var cancel = new CancellationTokenSource();
        var request = new InvokeRequest { Params = EngineHost.Json("""{"n":1}""") };
        var given = host.Engine.Actions.InvokeAsync(host.Owner, "r", "note", request, cancel.Token);
        var kept = host.InvokeAsync(host.Owner, "r", "note", """{"n":2}""");
        Assert.Equal(2, held.Room.OwnWriter().Queued);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(1, held.Room.OwnWriter().Queued);
        held.LetGo();
        await kept;
        JsonAssert.Equal("[2]", await host.EvalAsync(host.Owner, "r", "state._shared.notes"));
    }

    public static TheoryData<string, string> Taken => new()
    {
        { "role", "scope_denied" },
        { "narrowed", "read_only_token" },
        { "revoked", "scope_denied" },
        { "observer", "read_only_token" },
    };

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task Access_TakenAwayWhileQueued_IsCheckedAgain(string how, string code)
    {
        await using var host = await StartAsync();
        await host.Engine.IdentityCache.Users.CreateAsync("carl", Cancel);
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "carl", Role.Participant, Cancel)).Error);
        var minted = (await host.Engine.Access.MintAsync("carl", "rooms:*", label: null, expiresIn: null, Cancel)).Value;
        var carl = await host.CallerAsync(minted.Secret);
        await host.InvokeAsync(carl, "r", "note", """{"n":0}""");
        await using var held = await HeldRoom.HoldAsync(host, "r");
        var invoked = host.RefusedAsync(carl, "r", "note", """{"n":1}""");

        switch (how)
        {
            case "role":
                Assert.Null((await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "carl", Cancel)).Error);
                break;
            case "observer":
                Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "carl", Role.Observer, Cancel)).Error);
                break;
            case "narrowed":
                Assert.Null((await host.Engine.IdentityCache.Tokens.ChangeAsync(minted.Id, Scope.Of("r", AccessLevel.Read), label: null, _ => null, Cancel)).Error);
                break;
            default:
                Assert.Null((await host.Engine.IdentityCache.Tokens.RevokeAsync(minted.Id, Cancel)).Error);
                break;
        }

        held.LetGo();
        Assert.Equal(code, (await invoked).Code.Name);
        JsonAssert.Equal("[0]", await host.EvalAsync(host.Owner, "r", "state._shared.notes"));
    }

    [Fact]
    public async Task Join_WhoseRoomClosesInLine_IsRefused()
    {
        await using var host = await StartAsync();
        await using var held = await HeldRoom.HoldAsync(host, "r");
        var joining = host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"late"}"""), Cancel);

        // The change itself is logged behind what waits.
        var patching = host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch(Name: null, JoinPolicy.Members), Cancel);
        await EngineHost.UntilAsync(() => host.Engine.Directory.TryFind("r", out var record) && record.Join == JoinPolicy.Members);
        held.LetGo();

        Assert.Equal(ErrorCode.AuthenticationRequired, (await joining).Error?.Code);
        Assert.Null((await patching).Error);
        Assert.False((await host.LoadedAsync("r")).Published.Agents.ContainsKey("late"));
    }

    /// <summary>The log's thread serves all rooms: it must not wait until one of them has decided.</summary>
    [Fact]
    public async Task Commit_WhileTheRoomDecides_IsReportedWithoutDelay()
    {
        await using var host = await StartAsync();
        using var block = new BlockedCommit(host.Engine.Log);
        var first = host.InvokeAsync(host.Owner, "r", "note", """{"n":1}""");
        await block.ReachedAsync();
        await using var held = await HeldRoom.HoldAsync(host, "r");

        block.LetGo();

        await first.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal(1, (await host.EvalAsync(host.Owner, "r", "state._shared.notes.size()")).Number());
    }

    [Fact]
    public async Task Decision_OnWhatIsUndoneMeanwhile_IsUnavailable()
    {
        await using var host = await StartAsync();
        var room = await host.LoadedAsync("r");
        using var block = new FailingCommit(host.Engine.Log);
        var first = host.RefusedAsync(host.Owner, "r", "note", """{"n":1}""");
        await block.ReachedAsync();
        await using var held = await HeldRoom.HoldAsync(host, "r");
        var second = host.TryInvokeAsync(host.Owner, "r", "note", """{"n":2}""");

        block.LetGo();

        Assert.Equal(ErrorCode.Unavailable, (await first).Code);
        held.LetGo();
        Assert.Null((await second).Error);
        JsonAssert.Equal("[2]", await host.EvalAsync(host.Owner, "r", "state._shared.notes"));
    }

    [Fact]
    public async Task Decision_ThatThrows_HurtsItsCallerOnly()
    {
        await using var host = await StartAsync();
        var room = await host.LoadedAsync("r");
        Func<Task> broken = () => room.ExecuteAsync(WorkSource.Engine, _ => throw new InvalidOperationException("bug"), Cancel);

        await Assert.ThrowsAsync<InvalidOperationException>(broken);
        Task waiting;
        Task<JsonObject> behind;
        await using (var held = await HeldRoom.HoldAsync(host, "r"))
        {
            waiting = broken();
            behind = host.InvokeAsync(host.Owner, "r", "note", """{"n":1}""");
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => waiting);
        await behind;
    }

    [Fact]
    public async Task Commands_FromManyThreads_AreDecidedOneAtATimeAndAllOnce()
    {
        await using var host = await StartAsync();
        var deciding = 0;
        var overlaps = 0;
        var room = await host.LoadedAsync("r");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await room.ExecuteAsync(
                    new WorkSource($"p{writer % 3}", $"a{writer}"),
                    _ =>
                    {
                        overlaps += Interlocked.Increment(ref deciding) > 1 ? 1 : 0;
                        Interlocked.Decrement(ref deciding);
                        return Decision.Reply(Sync.Engine.Primitives.Json.JsonText.Null);
                    },
                    Cancel);
                await host.InvokeAsync(host.Owner, "r", "note", """{"n":1}""");
            }
        }, Cancel)));

        Assert.Equal(0, overlaps);
        Assert.Equal(800, (await host.EvalAsync(host.Owner, "r", "state._shared.notes.size()")).Number());
        Assert.Equal(0, room.OwnWriter().Queued);
    }

    [Fact]
    public async Task Dispose_WithCommandsInLine_RefusesThem()
    {
        await using var host = await StartAsync();
        var held = await HeldRoom.HoldAsync(host, "r");
        var waiting = host.RefusedAsync(host.Owner, "r", "note", """{"n":1}""");

        held.Room.OwnWriter().Dispose();
        await held.DisposeAsync();

        Assert.Equal(ErrorCode.Unavailable, (await waiting).Code);
    }

    private static async Task<EngineHost> StartAsync(RoomLimits? limits = null)
    {
        var host = await EngineHost.StartAsync(limits: limits);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Note);
        return host;
    }
}
