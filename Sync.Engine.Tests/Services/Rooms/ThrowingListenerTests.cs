using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Tests.Runtime;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>What listens to a room, or logs for it, may throw: the room goes on, and whoever waits for it is answered.</summary>
public sealed class ThrowingListenerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Invocation_WithAListenerThatThrows_IsAnsweredAndWakesWaits()
    {
        await using var host = await StartAsync();
        var waiting = host.WaitAsync(host.Owner, "r", "state._shared.k == 1", timeoutMs: 60_000);
        var room = await host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);
        using var throwing = Throwing(host);

        await host.InvokeAsync(host.Owner, "r", "put", """{"v":1}""").WaitAsync(s_limit, Cancel);

        Assert.True((await waiting.WaitAsync(s_limit, Cancel))["triggered"]!.GetValue<bool>());
        await host.SettleAsync("r").WaitAsync(s_limit, Cancel);
    }

    [Fact]
    public async Task FailedCommit_WithAListenerThatThrows_IsAnswered()
    {
        await using var host = await StartAsync();
        using var throwing = Throwing(host);
        using var failing = new FailingCommit(host.Engine.Log);
        var invoking = host.RefusedAsync(host.Owner, "r", "put", """{"v":1}""");
        await failing.ReachedAsync();
        failing.LetGo();

        Assert.Equal(ErrorCode.Unavailable, (await invoking.WaitAsync(s_limit, Cancel)).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Timers_ThatFailWhereLoggingFailsToo_LeaveTheRoomToOthers(bool inTheQueue)
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock, new ThrowingLoggers());
        var room = await host.LoadedAsync("r");
        var held = inTheQueue ? await HeldRoom.HoldAsync(host, "r") : null;
        var throwing = Throwing(host);

        // The owner's agent falls idle, which is told to whoever looks.
        clock.Advance(Sync.Engine.Model.Agents.AgentPresence.IdleAfter + TimeSpan.FromSeconds(1));
        if (held is not null)
        {
            await held.DisposeAsync();
        }

        await EngineHost.UntilAsync(() => room.OwnWriter().Queued == 0);
        throwing.Dispose();
        await host.InvokeAsync(host.Owner, "r", "put", """{"v":1}""").WaitAsync(s_limit, Cancel);
        await host.InvokeAsync(host.Owner, "r", "put", """{"v":2}""").WaitAsync(s_limit, Cancel);
    }

    [Fact]
    public async Task Room_ThatFailsWhileItIsLetGoOf_CanBeLoadedAgain()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock, new ThrowingLoggers());
        var before = await host.LoadedAsync("r");
        using (Throwing(host))
        {
            await EngineHost.UntilAsync(() =>
            {
                clock.Advance(TimeSpan.FromMinutes(11));
                return before.IsDisposed;
            });
        }

        await before.Released.Task.WaitAsync(s_limit, Cancel);
        Assert.NotSame(before, await host.LoadedAsync("r").WaitAsync(s_limit, Cancel));
    }

    private static ActivityWatch Throwing(EngineHost host) =>
        new(host.Engine.Directory.Watches, host.Engine.IdentityCache.Notices, host.Owner, room: null, static _ => throw new InvalidOperationException("A listener's bug."));

    private static async Task<EngineHost> StartAsync(FakeTimeProvider? clock = null, ILoggerFactory? loggers = null)
    {
        var host = await EngineHost.StartAsync(clock, loggers: loggers);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":{}},"writes":[{"key":"k","value":"${params.v}"}]}""");
        return host;
    }

    private sealed class ThrowingLoggers : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new IOException("No space left for the log file.");
    }
}
