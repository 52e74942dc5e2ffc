using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime.Scheduling;

namespace Sync.Engine.Tests.Runtime.Scheduling;

/// <summary>Where expressions are evaluated: small ones where they stand, large ones apart, and whoever has large ones harms nobody.</summary>
public sealed class EvaluationSchedulerTests
{
    private const string Heavy = "lists.range(100000).map(x, x + 1).size()";
    private const string HeavyAction = """{"id":"heavy","writes":[{"key":"n","value":"lists.range(100000).map(x, x + 1).size()","expr":true}]}""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Eval_Small_RunsWhereItStands()
    {
        await using var host = await StartAsync();

        for (var i = 0; i < 100; i++)
        {
            await host.EvalAsync(host.Owner, "r", "lists.range(1000).map(x, x + 1).size()");
        }

        Assert.Equal(0, host.Engine.Directory.Scheduler.HeavyRuns);
    }

    /// <summary>Every door by which an expression is evaluated.</summary>
    public static TheoryData<string> Doors => ["eval", "examine", "invoke", "dry run", "explain", "context", "poll", "view token", "wait", "page", "samples"];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Work_ThatIsLarge_IsDoneApartAndAnsweredInFull(string door)
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", HeavyAction);
        await host.RegisterAsync(host.Owner, "r", """{"id":"guarded","if":"lists.range(100000).map(x, x + 1).size() == 100000","writes":[{"key":"g","value":1}]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"tall","expr":"lists.range(20000).map(x, x + int(state._shared.seed)).size()"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"seed","params":{"n":{}},"writes":[{"key":"seed","value":"${params.n}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "seed", """{"n":1}""");
        var scheduler = host.Engine.Directory.Scheduler;
        var reader = await host.UserAsync("rita", "rooms:*:read");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "rita", Role.Observer, Cancel)).Error);
        var before = scheduler.HeavyRuns;

        switch (door)
        {
            case "eval":
                Assert.Equal(100_000, (await host.EvalAsync(reader, "r", Heavy)).Number());
                break;
            case "examine":
                Assert.Equal("100000", (await host.Engine.Context.ExamineAsync(reader, "r", Heavy, at: null, Cancel)).Value.Value);
                break;
            case "invoke":
                Assert.Equal(100_000, (await host.InvokeAsync(host.Owner, "r", "heavy"))["writes"]![0]!["value"].Number());
                break;
            case "dry run":
                Assert.Equal(100_000, (await host.InvokeAsync(host.Owner, "r", "heavy", dryRun: true))["writes"]![0]!["value"].Number());
                break;
            case "explain":
                Assert.Null((await host.Engine.Actions.ExplainAsync(host.Owner, "r", "guarded", new InvokeRequest { Params = EngineHost.Json("{}") }, Cancel)).Error);
                break;
            case "context":
                Assert.Contains("20000", (await host.ContextAsync(reader, "r"))["views"]!["tall"]!.ToJsonString(), StringComparison.Ordinal);
                break;
            case "poll":
                Assert.Null((await host.Engine.Context.PollAsync(reader, "r", MessageSelection.All, 10, 10, Cancel)).Error);
                break;
            case "view token":
                var shown = await host.UserAsync("rita", "rooms:r:view:tall");
                Assert.Contains("20000", (await host.ContextAsync(shown, "r"))["views"]!["tall"]!.ToJsonString(), StringComparison.Ordinal);
                break;
            case "wait":
                Assert.Contains("20000", (await host.WaitAsync(reader, "r", "true"))["context"]!["views"]!["tall"]!.ToJsonString(), StringComparison.Ordinal);
                break;
            case "page":
                using (var watch = (await host.Engine.Live.WatchAsync(reader, "r", Cancel)).Value)
                {
                    Assert.Equal("20000", (await watch.CurrentAsync(Cancel)).Views.Single(v => v.Id == "tall").Value);
                }

                break;
            default:
                Assert.Null((await host.Engine.History.SamplesAsync(reader, "r", "tall", since: null, 10, Cancel)).Error);
                break;
        }

        Assert.True(scheduler.HeavyRuns > before);
    }

    [Fact]
    public async Task Heavy_OfOneCaller_LeavesAnotherOfTheRoomInline()
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.EvalAsync(alice, "r", Heavy);
        var scheduler = host.Engine.Directory.Scheduler;
        var before = scheduler.HeavyRuns;

        await host.EvalAsync(bob, "r", "1 + 1");
        Assert.Equal(before, scheduler.HeavyRuns);

        // Alice is not tried inline again for a while, also with what is small.
        await host.EvalAsync(alice, "r", "1 + 1");
        Assert.Equal(before + 1, scheduler.HeavyRuns);
    }

    [Fact]
    public async Task Heavy_WhileItsThreadsAreBusy_KeepsReadersAndOtherRoomsGoing()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("other");
        var bob = await host.JoinAsync("r", "bob");
        await using var busy = await BusyThreads.StartAsync(host.Engine.Directory.Scheduler);

        var evaluating = host.EvalAsync(host.Owner, "r", Heavy);

        Assert.Equal(2, (await host.EvalAsync(bob, "r", "1 + 1")).Number());
        await host.RegisterAsync(host.Owner, "other", """{"id":"inc","writes":[{"key":"n","increment":1}]}""");
        await host.InvokeAsync(host.Owner, "other", "inc");
        Assert.False(evaluating.IsCompleted);
        busy.LetGo();
        Assert.Equal(100_000, (await evaluating).Number());
    }

    [Fact]
    public async Task Heavy_Command_KeepsItsTurnWhileItWaitsForAThread()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", HeavyAction);
        await host.RegisterAsync(host.Owner, "r", """{"id":"after","writes":[{"key":"seen","value":"state._shared.n","expr":true}]}""");
        var bob = await host.JoinAsync("r", "bob");
        await using var busy = await BusyThreads.StartAsync(host.Engine.Directory.Scheduler);

        var heavy = host.InvokeAsync(host.Owner, "r", "heavy");
        var after = host.InvokeAsync(bob, "r", "after");
        busy.LetGo();

        await heavy;
        Assert.Equal(100_000, (await after)["writes"]![0]!["value"].Number());
    }

    [Fact]
    public async Task Heavy_CallerGivesUpBeforeItsTurn_LeavesTheLine()
    {
        await using var host = await StartAsync();
        var scheduler = host.Engine.Directory.Scheduler;
        await using var busy = await BusyThreads.StartAsync(scheduler);
        using var cancel = new CancellationTokenSource();
        var before = scheduler.HeavyRuns;
        var evaluating = host.Engine.Context.EvalAsync(host.Owner, "r", Heavy, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => evaluating);
        busy.LetGo();
        await busy.DisposeAsync();
        Assert.Equal(before, scheduler.HeavyRuns);
    }

    [Fact]
    public async Task Heavy_OfManyCallers_IsServedByPayerInTurn()
    {
        using var scheduler = new EvaluationScheduler(TimeProvider.System);
        await using var busy = await BusyThreads.StartAsync(scheduler);
        var order = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var runs = new List<Task>();
        for (var i = 0; i < 20; i++)
        {
            runs.Add(Run("flood", $"a{i % 5}"));
        }

        runs.Add(Run("other", "b"));
        busy.LetGo();
        await Task.WhenAll(runs);

        // On as many threads as there are, so near the front and not exactly there.
        Assert.InRange(order.ToList().IndexOf("other"), 0, Environment.ProcessorCount);

        Task Run(string payer, string agent) => scheduler.RunHeavyAsync<int, int>(
            new WorkSource(payer, agent),
            0,
            state =>
            {
                order.Enqueue(payer);
                return state;
            },
            Cancel);
    }

    [Fact]
    public async Task RunHeavy_WorkThatThrows_FailsItsCallerAndServesOthers()
    {
        using var scheduler = new EvaluationScheduler(TimeProvider.System);
        await Assert.ThrowsAsync<InvalidOperationException>(() => scheduler.RunHeavyAsync<int, int>(new WorkSource("u", "a"), 0, _ => throw new InvalidOperationException(), Cancel));
        Assert.Equal(1, (await scheduler.RunHeavyAsync<int, int>(new WorkSource("u", "a"), 1, state => state, Cancel)).Value);
        scheduler.Dispose();
        Assert.Equal(ErrorCode.Unavailable, (await scheduler.RunHeavyAsync<int, int>(new WorkSource("u", "a"), 1, state => state, Cancel)).Error?.Code);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        var scheduler = host.Engine.Directory.Scheduler;
        scheduler.InlineTime = scheduler.HeavyFor = scheduler.InlineBurst = TimeSpan.FromMinutes(10);
        await host.RoomAsync("r");
        return host;
    }

    /// <summary>Keeps every heavy thread busy until let go.</summary>
    private sealed class BusyThreads : IAsyncDisposable
    {
        private readonly ManualResetEventSlim _go = new();
        private readonly CountdownEvent _busy = new(Math.Max(1, Environment.ProcessorCount / 2));
        private Task _runs = Task.CompletedTask;

        public static async Task<BusyThreads> StartAsync(EvaluationScheduler scheduler)
        {
            var busy = new BusyThreads();
            busy._runs = Task.WhenAll(Enumerable.Range(0, busy._busy.InitialCount).Select(i => scheduler.RunHeavyAsync<int, int>(
                new WorkSource($"busy{i}", ""),
                i,
                state =>
                {
                    busy._busy.Signal();
                    busy._go.Wait(TimeSpan.FromSeconds(30));
                    return state;
                },
                CancellationToken.None)));
            await EngineHost.UntilAsync(() => busy._busy.IsSet);
            return busy;
        }

        public void LetGo() => _go.Set();

        public async ValueTask DisposeAsync()
        {
            _go.Set();
            await _runs;
        }
    }
}
