using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Tests.Runtime.Waits;

/// <summary>Looks of parked waits are paid by who waits: they are few, and what is dear delays nobody else.</summary>
public sealed class WaitEvaluationTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"value":{}},"writes":[{"key":"${params.key}","value":"${params.value}"}]}""";
    private const string Heavy = "lists.range(600).all(x, lists.range(600).all(y, true))"; // about 360,000 units

    [Theory]
    [InlineData("state._shared.n >= 0 && now > timestamp('2026-03-01T12:05:00Z')")]
    [InlineData("state._shared.n >= 0 && now - timestamp('2026-03-01T12:00:00Z') > duration('5m')")]
    [InlineData("[1, 2, 3].exists(i, state._shared.n == i && now > timestamp('2026-03-01T12:00:00Z') + duration('5m'))")]
    public async Task Evaluation_OfAConditionOverStateAndClock_HappensOnce(string condition)
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var room = await host.LoadedAsync("r");
        using var wait = Park(room, condition);
        Assert.False(wait.Evaluate(room.Now));
        var alone = room.NewBudget();
        Compile(room, condition).Evaluate(new RoomActivation(room.Now, VisibleScopes.Public, self: null, alone));

        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"n","value":2}""");
        await EngineHost.UntilAsync(() => wait.SeenSeq == room.Published.Seq);

        Assert.InRange(wait.Spent, 1, 2 * alone.Spent + 50);
        room.Waits.Unpark(wait);
    }

    [Theory]
    [InlineData("now >= timestamp('2026-03-01T12:00:07.350Z')", 7_350)]
    [InlineData("now > timestamp('2026-03-01T12:00:07.350Z')", 7_351)]
    [InlineData("now - timestamp(state._shared.at) >= duration('2s')", 3_000)]
    [InlineData("now > timestamp('2026-03-01T12:00:04Z') && now < timestamp('2026-03-01T12:00:04.010Z')", 4_001)]
    [InlineData("now.getMinutes() == 1", 60_000)]
    [InlineData("views.late", 5_000)]
    [InlineData("state._tasks.exists(k, timestamp(state._tasks[k]) <= now)", 2_500)]
    public async Task Wait_OnTheClock_WakesAtTheInstant(string condition, int expectedMs)
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        await host.RegisterAsync(host.Owner, "r", """{"id":"task","params":{"key":{},"at":{}},"writes":[{"scope":"_tasks","key":"${params.key}","value":"${params.at}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"at","value":"2026-03-01T12:00:01Z"}""");
        await host.InvokeAsync(host.Owner, "r", "task", """{"key":"a","at":"2026-03-01T12:00:09Z"}""");
        await host.InvokeAsync(host.Owner, "r", "task", """{"key":"b","at":"2026-03-01T12:00:02.5Z"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"late","expr":"now >= timestamp('2026-03-01T12:00:05Z')"}""");
        var room = await host.LoadedAsync("r");
        using var wait = Park(room, condition, TimeSpan.FromMinutes(5));
        var began = room.Now.Now;
        Assert.False(wait.Evaluate(room.Now));

        // A millisecond past the instant, which is when the timer is due.
        clock.Advance(TimeSpan.FromMilliseconds(expectedMs - 2));
        Assert.False(wait.End.IsCompleted);
        for (var i = 0; i < 6 && !wait.End.IsCompleted; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.True(wait.End.IsCompleted, "It did not wake.");
        Assert.InRange(((await wait.End).Moment.Now - began).TotalMilliseconds, expectedMs, expectedMs + 4);
        room.Waits.Unpark(wait);
    }

    [Fact]
    public async Task Evaluation_TooCostlyForThePump_MovesToTheCostlyQueue()
    {
        await using var host = await StartAsync(EngineHost.Clock());
        var room = await host.LoadedAsync("r");
        using var heavy = Park(room, $"{Heavy} && state._shared.n == 5");
        Assert.False(heavy.Evaluate(room.Now));
        room.Waits.Unpark(heavy);
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"n","value":4}""");

        Assert.True(heavy.Offer(Step(room)));
        Assert.False(heavy.Offer(Step(room)));
        Assert.False(heavy.EvaluateCheaply());
        Assert.InRange(heavy.Spent, 1, ParkedWait.CheapEvaluation);
        Assert.NotEqual(room.Published.Seq, heavy.SeenSeq);
        Assert.False(heavy.EvaluateCheaply());
        Assert.InRange(heavy.Spent, 1, ParkedWait.CheapEvaluation);

        Assert.True(heavy.EvaluateOnce());
        Assert.Equal(room.Published.Seq, heavy.SeenSeq);
    }

    [Fact]
    public async Task Evaluation_OnASpentAccount_WaitsUntilItRefills()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var room = await host.LoadedAsync("r");
        using var wait = Park(room, "state._shared.n == 5");
        Assert.False(wait.Evaluate(room.Now));
        room.Waits.Unpark(wait);
        wait.Account.Spend(5 * room.Limits.Cel.Cost);

        Assert.True(wait.Offer(Step(room)));
        Assert.False(wait.EvaluateCheaply());
        Assert.InRange(wait.Account.Delay, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3));

        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.Zero, wait.Account.Delay);
        Assert.True(wait.EvaluateCheaply());
    }

    [Fact]
    public async Task Wait_BesideManyCostlyOnesOfAnother_WakesThoughTheirAccountIsSpent()
    {
        await using var host = await StartAsync(EngineHost.Clock());
        var mallory = await host.JoinAsync("r", "mallory");
        var bob = await host.JoinAsync("r", "bob");
        var room = await host.LoadedAsync("r");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(EngineHost.Cancel);
        var costly = Enumerable.Range(0, 20).Select(i => WaitAsync(mallory, $"{Heavy} && size(state._shared) < 0 && {i} >= 0")).ToList();
        var dear = WaitAsync(bob, $"{Heavy} && state._shared.n == 3");
        var cheap = WaitAsync(bob, "state._shared.n == 3");
        await EngineHost.UntilAsync(() => room.Waits.Count == 22);

        // Each is a step for all of them; the clock stands, so nothing refills.
        for (var n = 1; n <= 3; n++)
        {
            await host.InvokeAsync(host.Owner, "r", "set", $$"""{"key":"n","value":{{n}}}""");
        }

        // On a standing clock an account that is spent stays so: a wait that hung on another's would never end.
        Assert.Null((await cheap.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel)).Error);
        Assert.Null((await dear.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel)).Error);
        Assert.DoesNotContain(costly, wait => wait.IsCompleted);
        await stop.CancelAsync();
        await Task.WhenAll(costly.Select(async wait => await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait)));

        Task<Outcome<ReadOnlyMemory<byte>>> WaitAsync(Caller caller, string condition) =>
            host.Engine.Waits.WaitAsync(caller, "r", condition, TimeSpan.FromSeconds(20), EngineHost.Shape("only=state"), stop.Token);
    }

    [Fact]
    public async Task Wait_ThatIsCostly_SeesAStateThatHeldForOneEventOnly()
    {
        await using var host = await StartAsync(EngineHost.Clock());
        var room = await host.LoadedAsync("r");
        var wait = host.WaitAsync(host.Owner, "r", $"state._shared.n == 2 && {Heavy}");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);

        for (var n = 1; n <= 5; n++)
        {
            await host.InvokeAsync(host.Owner, "r", "set", $$"""{"key":"n","value":{{n}}}""");
        }

        var answer = await wait;
        Assert.True(answer["triggered"]!.GetValue<bool>());
        Assert.Equal(2, answer["context"]!["state"]!["_shared"]!["n"]!.GetValue<int>());
    }

    [Fact]
    public async Task Wait_WhoseConditionExceedsTheBudget_TimesOutAndSaysSo()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var room = await host.LoadedAsync("r");
        var wait = host.WaitAsync(host.Owner, "r", "lists.range(3000).all(x, lists.range(3000).all(y, true)) || true", timeoutMs: 1_000);
        await EngineHost.UntilAsync(() => room.Waits.Count == 1 || wait.IsCompleted);
        for (var i = 0; i < 50 && !wait.IsCompleted; i++)
        {
            await EngineHost.UntilAsync(() => room.Waits.Evaluations > 0);
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        var answer = await wait;
        Assert.True(answer["timeout"]!.GetValue<bool>());
        Assert.NotNull(answer["last_error"]);
    }

    private static async Task<EngineHost> StartAsync(FakeTimeProvider clock)
    {
        var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        return host;
    }

    private static RoomStep Step(RoomReplica room) => new(room.Published, Event: null, [new StateKey("_shared", "n")]);

    private static Expression Compile(RoomReplica room, string condition)
    {
        Assert.True(room.Published.Language.Compile(condition, "condition").Try(out var expression, out var error), error?.Message);
        return expression;
    }

    private static ParkedWait Park(RoomReplica room, string condition, TimeSpan? span = null)
    {
        var wait = new ParkedWait(Compile(room, condition), self: null, new WorkSource("me", ""), room, room.Now.Now + (span ?? TimeSpan.FromMinutes(10)), static _ => VisibleScopes.Public, static () => null);
        Assert.True(room.Waits.TryPark(wait, 100));
        return wait;
    }
}
