using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Primitives.Health;

namespace Sync.Engine.Tests.Primitives.Health;

public sealed class BackgroundLoopTests
{
    private readonly FakeTimeProvider _time = EngineHost.Clock();
    private readonly Channel<int> _turns = Channel.CreateUnbounded<int>();
    private readonly HealthRegistry _health;
    private int _count;

    public BackgroundLoopTests() => _health = new HealthRegistry(_time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Exception> Failures =>
    [
        new IOException("disk full"),
        new OperationCanceledException("somebody else's"),
        new TaskCanceledException("somebody else's"),
        new OutOfMemoryException(),
        new NullReferenceException(),
        new AggregateException(),
        new ObjectDisposedException("it"),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Turn_ThatThrows_IsReportedAndTheNextComesAfterARest(Exception failure)
    {
        await using var loop = Start(turn => turn <= 2 ? throw failure : Task.CompletedTask);

        await TurnAsync(1);
        await FailedAsync(times: 1);
        Assert.Equal("work", Assert.Single(_health.Failing).Name);
        Assert.False(_health.IsReady);
        await AdvanceUntilTurnAsync(2, BackgroundLoop.RestAfter(1));
        await FailedAsync(times: 2);
        await AdvanceUntilTurnAsync(3, BackgroundLoop.RestAfter(2));

        await EngineHost.UntilAsync(() => _health.IsReady);
        Assert.Empty(_health.Failing);
        Assert.False(loop.Ended.IsCompleted);
    }

    [Fact]
    public async Task Dispose_DuringATurn_EndsItWhateverTheTurnThrows()
    {
        var loop = Start(async (_, stop) =>
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = stop.Register(ended.SetResult);
            await ended.Task;
            throw new InvalidOperationException("too late to matter");
        });
        await TurnAsync(1);

        await loop.DisposeAsync();
        await loop.DisposeAsync();

        Assert.True(loop.Ended.IsCompletedSuccessfully);
        Assert.Empty(_health.Failing);
    }

    [Fact]
    public async Task Dispose_DuringARest_EndsItAtOnce()
    {
        var loop = Start(_ => throw new IOException());
        await TurnAsync(1);
        await FailedAsync(times: 1);

        await loop.DisposeAsync();

        Assert.True(loop.Ended.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task StartWhile_TurnThatAnswersFalse_IsTheLast()
    {
        await using var loop = BackgroundLoop.StartWhile(Options(every: null), _ => Task.FromResult(++_count < 3));

        await loop.Ended;

        Assert.Equal(3, _count);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 8)]
    [InlineData(7, 60)]
    [InlineData(int.MaxValue, 60)]
    public void RestAfter_FailuresInARow_DoublesUpToAMinute(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), BackgroundLoop.RestAfter(failures));

    [Fact]
    public async Task Presence_ThatCannotBeStored_IsReportedAndStoredOnceItCan()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice");
        await host.Engine.Database.ExecuteAsync(work => work.Execute("ALTER TABLE presence RENAME TO hidden"), Cancel);

        await AdvanceUntilAsync(clock, () => host.Engine.Health.Failing.Any(f => f.Name == "presence and idle rooms"));
        Assert.False(host.Engine.Health.IsReady);
        await host.Engine.Database.ExecuteAsync(work => work.Execute("ALTER TABLE hidden RENAME TO presence"), Cancel);
        await AdvanceUntilAsync(clock, () => host.Engine.Health.IsReady);

        var row = (await host.LoadedAsync("r")).Record.Row;
        Assert.Contains(await host.Engine.Database.Rooms.LoadPresenceAsync(row, Cancel), p => p.Agent == "alice");
    }

    private static Task AdvanceUntilAsync(FakeTimeProvider clock, Func<bool> holds) => EngineHost.UntilAsync(() =>
    {
        clock.Advance(TimeSpan.FromSeconds(1));
        return holds();
    });

    private BackgroundLoopOptions Options(TimeSpan? every) => new()
    {
        Name = "work",
        Every = every,
        StartsAtOnce = true,
        IsEssential = true,
        Time = _time,
        Logger = NullLogger.Instance,
        Health = _health,
    };

    private BackgroundLoop Start(Func<int, Task> turn) => Start((count, _) => turn(count));

    private BackgroundLoop Start(Func<int, CancellationToken, Task> turn) => BackgroundLoop.Start(Options(TimeSpan.FromSeconds(1)), stop =>
    {
        _turns.Writer.TryWrite(++_count);
        return turn(_count, stop);
    });

    private async Task TurnAsync(int count) => Assert.Equal(count, await _turns.Reader.ReadAsync(Cancel));

    private Task FailedAsync(int times) => EngineHost.UntilAsync(() => _health.Failing is [{ Failures: var failures }] && failures == times);

    // The rest begins on another thread after the failure was reported, so its end may lie a little later than a rest from now.
    private async Task AdvanceUntilTurnAsync(int count, TimeSpan rest)
    {
        _time.Advance(rest / 2);
        Assert.False(_turns.Reader.TryPeek(out _));
        await AdvanceUntilAsync(_time, () => _turns.Reader.TryPeek(out _));
        await TurnAsync(count);
    }
}
