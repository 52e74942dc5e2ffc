using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Runtime.Lines;

/// <summary>Calls that wait for something to do, in the line of their action.</summary>
public sealed class LineTests
{
    private const string Post = """{"id":"post","params":{"id":{"type":"string"}},"writes":[{"scope":"_tasks","key":"${params.id}","value":{"status":"open"}}]}""";
    private const string Open = """{"id":"open","expr":"state._tasks.entries().filter(e, e.value.status == 'open').map(e, e.key)"}""";
    private const string Next = """{"id":"next","writes":[{"scope":"_tasks","key_expr":"views.open[0]","merge":{"status":"taken","by":"${self}"}}]}""";

    // Each agent has a list of its own.
    private const string Own = """{"id":"own","writes":[{"scope":"_tasks","key_expr":"state._tasks.entries().filter(e, e.value.for == self && e.value.status == 'open').map(e, e.key)[0]","merge":{"status":"taken"}}]}""";
    private const string Give = """{"id":"give","params":{"id":{"type":"string"},"to":{"type":"string"}},"writes":[{"scope":"_tasks","key":"${params.id}","value":{"status":"open","for":"${params.to}"}}]}""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Callers_AreServedInOrderOfArrival_OneForEachThing()
    {
        await using var host = await StartAsync();
        var waiting = new List<Task<Outcome<Invoked>>>();
        var workers = new List<Caller>();
        for (var i = 0; i < 5; i++)
        {
            workers.Add(await host.JoinAsync("r", $"w{i}"));
            waiting.Add(NextAsync(host, workers[i]));
            await ParkedAsync(host, i + 1);
        }

        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"a"}""");
        Assert.Equal("a", KeyOf(await waiting[0]));
        Assert.All(waiting[1..], task => Assert.False(task.IsCompleted));

        await host.InvokeAsync(host.Owner, "r", "_batch", """{"steps":[{"action":"post","params":{"id":"b"}},{"action":"post","params":{"id":"c"}}]}""");

        Assert.Equal(["b", "c"], [KeyOf(await waiting[1]), KeyOf(await waiting[2])]);
        await ParkedAsync(host, 2);
        Assert.All(waiting[3..], task => Assert.False(task.IsCompleted));
        Assert.Equal("w2", (await host.StoredAsync("r", "_tasks", "c"))!["by"]!.GetValue<string>());
    }

    [Fact]
    public async Task Newcomer_WithoutPatience_DoesNotComeBeforeWhoeverStandsInLine()
    {
        await using var host = await StartAsync();
        var (worker, hasty) = (await host.JoinAsync("r", "worker"), await host.JoinAsync("r", "hasty"));
        var waiting = NextAsync(host, worker);
        await ParkedAsync(host, 1);
        await using var held = await HeldRoom.HoldAsync(host, "r");
        var post = host.InvokeAsync(host.Owner, "r", "post", """{"id":"a"}""");
        var newcomer = host.TryInvokeAsync(hasty, "r", "next");

        held.LetGo();

        Assert.Equal("a", KeyOf(await waiting));
        Assert.Equal(ErrorCode.NothingToWrite, (await newcomer).Error?.Code);
        await post;
    }

    [Fact]
    public async Task Call_WhoseTimeIsUp_IsRefusedAsItWouldHaveBeenAtOnce_AndTheLogSaysSoOnce()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var worker = await host.JoinAsync("r", "worker");
        var seq = (await host.LoadedAsync("r")).Published.Seq;
        var waiting = NextAsync(host, worker, waitMs: 5_000);
        await ParkedAsync(host, 1);
        Assert.Equal(seq, (await host.LoadedAsync("r")).Published.Seq);

        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(4_999));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        var refusal = (await waiting).Error!;
        Assert.Equal((ErrorCode.NothingToWrite, true, 5_000), (refusal.Code, refusal.Details!["timeout"]!.GetValue<bool>(), refusal.Details["elapsed_ms"]!.GetValue<long>()));
        await ParkedAsync(host, 0);
        await host.SettleAsync("r");
        Assert.Equal(seq + 1, (await host.LoadedAsync("r")).Published.Seq);
    }

    [Fact]
    public async Task Caller_WhoHangsUp_LeavesTheLineToTheNext()
    {
        await using var host = await StartAsync();
        var (first, second) = (await host.JoinAsync("r", "first"), await host.JoinAsync("r", "second"));
        using var hangUp = new CancellationTokenSource();
        var gone = NextAsync(host, first, cancellationToken: hangUp.Token);
        await ParkedAsync(host, 1);
        var waiting = NextAsync(host, second);
        await ParkedAsync(host, 2);

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"a"}""");

        Assert.Equal("a", KeyOf(await waiting));
        Assert.Equal("second", (await host.StoredAsync("r", "_tasks", "a"))!["by"]!.GetValue<string>());
    }

    [Fact]
    public async Task Token_ThatIsRevoked_LeavesTheLine()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("m", JoinPolicy.Members);
        await RegisterAllAsync(host, "m");
        await host.UserAsync("bob", "rooms:*");
        await host.GiveRoleAsync("m", "bob", Role.Participant);
        var minted = (await host.Engine.Access.MintAsync("bob", "rooms:m", label: null, expiresIn: null, Cancel)).Value;
        var bob = await host.CallerAsync(minted.Secret);
        var waiting = NextAsync(host, bob, room: "m");
        await ParkedAsync(host, 1, "m");

        await host.GiveRoleAsync("m", "bob", Role.Observer);

        Assert.Equal(ErrorCode.ReadOnlyToken, (await waiting).Error?.Code);
        await ParkedAsync(host, 0, "m");
    }

    [Fact]
    public async Task Agent_ThatIsRemoved_LeavesTheLine_AndIsNotMadeAnew()
    {
        await using var host = await StartAsync();
        await host.JoinAsync("r", "worker");
        var waiting = NextAsync(host, host.Owner, agent: "worker");
        await ParkedAsync(host, 1);

        await host.Engine.Agents.RemoveAsync(host.Owner, "r", "worker", free: true, Cancel);

        Assert.Equal(ErrorCode.AgentNotFound, (await waiting).Error?.Code);
        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"a"}""");
        Assert.Equal("open", (await host.StoredAsync("r", "_tasks", "a"))!["status"]!.GetValue<string>());
        Assert.False((await host.LoadedAsync("r")).Published.Agents.ContainsKey("worker"));
    }

    [Fact]
    public async Task Room_ThatIsDeleted_EndsItsLines()
    {
        await using var host = await StartAsync();
        var worker = await host.JoinAsync("r", "worker");
        var waiting = NextAsync(host, worker);
        await ParkedAsync(host, 1);

        Assert.Null((await host.Engine.Rooms.DeleteAsync(host.Owner, "r", Cancel)).Error);

        Assert.Contains((await waiting).Error?.Code.Name, (string[])["unavailable", "room_not_found", "invalid_token"]);
    }

    [Fact]
    public async Task Retry_OfACallInLine_JoinsIt_AndBothHaveTheSameAnswer()
    {
        await using var host = await StartAsync();
        var worker = await host.JoinAsync("r", "worker");
        var first = NextAsync(host, worker, requestId: "k");
        await ParkedAsync(host, 1);
        var retry = NextAsync(host, worker, requestId: "k");
        var other = await NextAsync(host, worker, requestId: "k", parameters: """{"x":1}""");
        Assert.Equal(ErrorCode.IdempotencyConflict, other.Error?.Code);

        await host.InvokeAsync(host.Owner, "r", "_batch", """{"steps":[{"action":"post","params":{"id":"a"}},{"action":"post","params":{"id":"b"}}]}""");

        var (one, two) = ((await first).Value, (await retry).Value);
        Assert.Equal((false, true), (one.Replayed, two.Replayed));
        Assert.Equal(EngineHost.Node(one)["seq"]!.GetValue<long>(), EngineHost.Node(two)["seq"]!.GetValue<long>());
        Assert.Equal("open", (await host.StoredAsync("r", "_tasks", "b"))!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Retry_KeepsThePlaceOfACallWhoseFirstCallerHangsUp()
    {
        await using var host = await StartAsync();
        var (worker, other) = (await host.JoinAsync("r", "worker"), await host.JoinAsync("r", "other"));
        using var hangUp = new CancellationTokenSource();
        var first = NextAsync(host, worker, requestId: "k", cancellationToken: hangUp.Token);
        await ParkedAsync(host, 1);
        var behind = NextAsync(host, other);
        await ParkedAsync(host, 2);
        await using (var held = await HeldRoom.HoldAsync(host, "r"))
        {
            var joining = NextAsync(host, worker, requestId: "k");
            held.LetGo();
            await UntilWaitingAsync(host, "worker", 2);
            await hangUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

            await host.InvokeAsync(host.Owner, "r", "post", """{"id":"a"}""");
            Assert.Equal("a", KeyOf(await joining));
        }

        Assert.False(behind.IsCompleted);
    }

    [Fact]
    public async Task Presence_ShowsWhoStandsInLine_AndForWhat()
    {
        await using var host = await StartAsync();
        var worker = await host.JoinAsync("r", "worker");
        var waiting = NextAsync(host, worker);
        await UntilWaitingAsync(host, "worker", 1);

        var shown = (await host.ContextAsync(host.Owner, "r"))["agents"]!["worker"]!;
        Assert.Equal(("waiting", "(views.open[0]) != null"), (shown["status"]!.GetValue<string>(), shown["waiting_on"]!.GetValue<string>()));

        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"a"}""");
        await waiting;
        await UntilWaitingAsync(host, "worker", 0);
    }

    [Fact]
    public async Task Call_IsDecidedWithTheGuardOfItsMoment()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"next","if":"state._shared.closed != true","writes":[{"scope":"_tasks","key_expr":"views.open[0]","merge":{"status":"taken","by":"${self}"}}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"close","writes":[{"key":"closed","value":true},{"scope":"_tasks","key":"last","value":{"status":"open"}}]}""");
        var waiting = NextAsync(host, await host.JoinAsync("r", "worker"));
        await ParkedAsync(host, 1);

        await host.InvokeAsync(host.Owner, "r", "close");

        Assert.Equal(ErrorCode.PreconditionFailed, (await waiting).Error?.Code);
    }

    [Fact]
    public async Task Action_ThatIsDeleted_EndsItsLine()
    {
        await using var host = await StartAsync();
        var (one, two) = (NextAsync(host, await host.JoinAsync("r", "one")), NextAsync(host, await host.JoinAsync("r", "two")));
        await ParkedAsync(host, 2);

        await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"next"}""");

        Assert.Equal((ErrorCode.ActionNotFound, ErrorCode.ActionNotFound), ((await one).Error?.Code, (await two).Error?.Code));
    }

    [Fact]
    public async Task Expression_ThatDependsOnWhoAsks_HasALineForEach()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", Own);
        await host.RegisterAsync(host.Owner, "r", Give);
        var one = NextAsync(host, await host.JoinAsync("r", "one"), action: "own");
        await ParkedAsync(host, 1);
        var two = NextAsync(host, await host.JoinAsync("r", "two"), action: "own");
        await ParkedAsync(host, 2);

        await host.InvokeAsync(host.Owner, "r", "give", """{"id":"a","to":"two"}""");

        Assert.Equal("a", KeyOf(await two));
        Assert.False(one.IsCompleted);
    }

    [Fact]
    public async Task Thing_ThatComesByATimer_WakesTheLine()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        await host.RegisterAsync(host.Owner, "r", """{"id":"later","writes":[{"scope":"_tasks","key":"t","value":{"status":"open"},"timer":{"ms":60000,"effect":"enable"}}]}""");
        await host.InvokeAsync(host.Owner, "r", "later");
        var waiting = NextAsync(host, await host.JoinAsync("r", "worker"));
        await ParkedAsync(host, 1);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(61));

        Assert.Equal("t", KeyOf(await waiting));
    }

    [Fact]
    public async Task Thing_ThatTheClockBrings_WakesTheLineWithoutAnEvent()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"due","writes":[{"scope":"_done","key_expr":"now >= timestamp('{{clock.GetUtcNow().AddMinutes(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}') ? 'x' : null","value":1}]}""");
        var waiting = NextAsync(host, await host.JoinAsync("r", "worker"), action: "due");
        await ParkedAsync(host, 1);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(61));

        Assert.Equal("x", KeyOf(await waiting));
    }

    [Fact]
    public async Task Thing_ThatPresenceBrings_WakesTheLine()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"ask","writes":[{"scope":"_asked","key_expr":"agents.filter(a, agents[a].status == 'done')[0]","value":1}]}""");
        var helper = await host.JoinAsync("r", "helper");
        var waiting = NextAsync(host, await host.JoinAsync("r", "worker"), action: "ask");
        await ParkedAsync(host, 1);

        Assert.Null((await host.Engine.Agents.UpdateAsync(helper, "r", "helper", EngineHost.Json("""{"status":"done"}"""), Cancel)).Error);

        Assert.Equal("helper", KeyOf(await waiting));
    }

    [Fact]
    public async Task Change_ThatDoesNotConcernTheLine_CostsNoTry()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"note","writes":[{"key":"n","increment":1}]}""");
        var waiting = NextAsync(host, await host.JoinAsync("r", "worker"));
        await ParkedAsync(host, 1);
        var writer = (await host.LoadedAsync("r")).OwnWriter();
        await host.SettleAsync("r");
        var tries = writer.LineTries;

        for (var i = 0; i < 10; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "note");
        }

        Assert.Equal(tries, writer.LineTries);
        Assert.False(waiting.IsCompleted);
    }

    [Theory]
    [InlineData("post", """{"id":"a"}""", false)]
    [InlineData("_send_message", """{"body":"hi"}""", false)]
    [InlineData("help", "{}", false)]
    [InlineData("_batch", """{"steps":[{"action":"next"}]}""", false)]
    [InlineData("next", "{}", true)]
    public async Task Call_ThatHasNothingToWaitFor_SaysSo(string action, string parameters, bool dryRun)
    {
        await using var host = await StartAsync();

        var refusal = (await host.Engine.Actions.InvokeAsync(host.Owner, "r", action, new InvokeRequest { Params = EngineHost.Json(parameters), Wait = TimeSpan.FromSeconds(5), DryRun = dryRun }, Cancel)).Error!;

        Assert.Equal((ErrorCode.InvalidParameter, "wait_ms"), (refusal.Code, refusal.Details!["field"]!.GetValue<string>()));
        await ParkedAsync(host, 0);
    }

    [Fact]
    public async Task Calls_InLine_AreBounded_AndSmall()
    {
        await using var host = await StartAsync(limits: new RoomLimits { WaitsPerAgent = 2 });
        var worker = await host.JoinAsync("r", "worker");
        using var hangUp = new CancellationTokenSource();
        Task[] waiting = [NextAsync(host, worker, cancellationToken: hangUp.Token), NextAsync(host, worker, cancellationToken: hangUp.Token)];
        await ParkedAsync(host, 2);

        Assert.Equal(ErrorCode.RateLimited, (await NextAsync(host, worker)).Error?.Code);
        Assert.Equal(ErrorCode.PayloadTooLarge, (await NextAsync(host, host.Owner, parameters: $$"""{"x":"{{new string('x', 20_000)}}"}""")).Error?.Code);

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
        await ParkedAsync(host, 0);
        Assert.Equal(ErrorCode.NothingToWrite, (await host.RefusedAsync(worker, "r", "next")).Code);
    }

    [Fact]
    public async Task Call_OnASurfaceThatWaitsLessLong_IsCapped_AndSaysSo()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var worker = await host.JoinAsync("r", "worker");
        var waiting = host.Engine.Actions.InvokeAsync(worker, "r", "next", new InvokeRequest { Wait = TimeSpan.FromMinutes(5) }, longest: TimeSpan.FromSeconds(45), Cancel);
        await ParkedAsync(host, 1);

        clock.Advance(TimeSpan.FromSeconds(45));

        Assert.Equal(45_000, (await waiting).Error!.Details!["capped_to_ms"]!.GetValue<long>());
    }

    [Fact]
    public async Task Event_ThatWasUndone_LeavesTheLineAsItWas()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var waiting = NextAsync(host, await host.JoinAsync("r", "worker"));
        await ParkedAsync(host, 1);
        using (var commit = new FailingCommit(host.Engine.Database.Log))
        {
            var post = host.RefusedAsync(host.Owner, "r", "post", """{"id":"a"}""");
            // It is given it while the commit is still on its way; with a commit that failed before, it would have stayed in line.
            await ParkedAsync(host, 0);
            commit.LetGo();
            Assert.Equal(ErrorCode.Unavailable, (await post).Code);
        }

        // It was given what was undone, and hears of that as whoever posted it does.
        Assert.Equal(ErrorCode.Unavailable, (await waiting).Error?.Code);
        Assert.Null(await host.StoredAsync("r", "_tasks", "a"));
    }

    private static async Task<EngineHost> StartAsync(FakeTimeProvider? clock = null, RoomLimits? limits = null)
    {
        var host = await EngineHost.StartAsync(clock, limits);
        await host.RoomAsync("r");
        await RegisterAllAsync(host, "r");
        return host;
    }

    private static async Task RegisterAllAsync(EngineHost host, string room)
    {
        await host.ViewAsync(host.Owner, room, Open);
        foreach (var definition in (string[])[Post, Next])
        {
            await host.RegisterAsync(host.Owner, room, definition);
        }
    }

    private static Task<Outcome<Invoked>> NextAsync(
        EngineHost host, Caller caller, int waitMs = 600_000, string? agent = null, string? requestId = null, string parameters = "{}", string action = "next", string room = "r", CancellationToken? cancellationToken = null) =>
        host.Engine.Actions.InvokeAsync(
            caller,
            room,
            action,
            new InvokeRequest { Params = EngineHost.Json(parameters), Agent = agent, RequestId = requestId, Wait = TimeSpan.FromMilliseconds(waitMs) },
            cancellationToken ?? Cancel);

    private static string KeyOf(Outcome<Invoked> outcome) => ((JsonArray)EngineHost.Node(outcome.Value)["writes"]!)[0]!["key"]!.GetValue<string>();

    private static async Task ParkedAsync(EngineHost host, int count, string room = "r")
    {
        var writer = (await host.LoadedAsync(room)).OwnWriter();
        await EngineHost.UntilAsync(() => writer.Parked == count);
    }

    private static async Task UntilWaitingAsync(EngineHost host, string agent, int count)
    {
        var presence = (await host.LoadedAsync("r")).Presence;
        await EngineHost.UntilAsync(() => presence.Of(agent).Waits == count);
    }
}
