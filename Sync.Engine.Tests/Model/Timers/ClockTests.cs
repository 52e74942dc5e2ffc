using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Primitives.Clock;

namespace Sync.Engine.Tests.Model.Timers;

/// <summary>Everything that is due some time, on a machine that sleeps or whose time is set.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    /// <summary>What can be due, how it is registered, and an expression that is true once it was.</summary>
    public static TheoryData<string, string> Subjects => new()
    {
        { """{"id":"put","writes":[{"key":"k","value":1,"timer":{TIMER,"effect":"delete"}}]}""", "!has(state._shared.k)" },
        { """{"id":"put","writes":[{"key":"k","value":1,"timer":{TIMER,"effect":"enable"}}]}""", "has(state._shared.k)" },
        { """{"id":"put","writes":[{"key":"k","value":1}],"on_invoke":{"timer":{TIMER,"effect":"enable"}}}""", "actions.put.available" },
        { """{"id":"put","writes":[{"key":"k","value":1}],"timer":{TIMER,"effect":"enable"}}""", "actions.put.available" },
        { "view", "views.size() == 0" },
        { "agent", "!('alice' in agents)" },
    };

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Span_MachineSleeps_IsOverWithinSecondsOfItsWaking(string subject, string over)
    {
        var clock = new TwoClocks();
        await using var host = await StartAsync(clock, subject, "\"ms\":1800000");

        clock.Set(s_hour);
        await AdvanceAsync(host, clock, 2);

        await AssertOverAsync(host, over, expected: true);
        await host.RestartAsync();
        await AssertOverAsync(host, over, expected: true);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Span_TimeIsSetBack_IsOverOnceItHasElapsed(string subject, string over)
    {
        var clock = new TwoClocks();
        await using var host = await StartAsync(clock, subject, "\"ms\":60000");

        clock.Set(-s_hour);
        await AdvanceAsync(host, clock, 58);
        await AssertOverAsync(host, over, expected: false);
        await AdvanceAsync(host, clock, 4);

        await AssertOverAsync(host, over, expected: true);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Moment_TimeIsSet_ComesWhenTheTimeSaysSo(string subject, string over)
    {
        var clock = new TwoClocks();
        await using var host = await StartAsync(clock, subject, "\"at\":\"2026-03-01T12:30:00Z\"");

        // It stood at noon. Set back an hour, it takes an hour and a half; set on again, it has come.
        clock.Set(-s_hour);
        await AdvanceAsync(host, clock, 40 * 60);
        await AssertOverAsync(host, over, expected: false);
        await AdvanceAsync(host, clock, 40 * 60);
        await AssertOverAsync(host, over, expected: false);
        await AdvanceAsync(host, clock, (10 * 60) + 2);
        await AssertOverAsync(host, over, expected: true);
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Moment_TimeIsSetOn_ComesWithinSeconds(string subject, string over)
    {
        var clock = new TwoClocks();
        await using var host = await StartAsync(clock, subject, "\"at\":\"2026-03-01T12:30:00Z\"");

        clock.Set(-s_hour);
        await AdvanceAsync(host, clock, 5);
        clock.Set(2 * s_hour);
        await AdvanceAsync(host, clock, 2);

        await AssertOverAsync(host, over, expected: true);
    }

    [Theory]
    [InlineData(3600, 2)]
    [InlineData(-3600, 61)]
    public async Task Wait_TimesOut_AfterWhatHasElapsedWithTheSleep(int set, int seconds)
    {
        var clock = new TwoClocks();
        await using var host = await EngineHost.StartAsync(clock, new RoomLimits { WaitTimeout = TimeSpan.FromMinutes(10) });
        await host.RoomAsync("r");
        var waiting = host.WaitAsync(host.Owner, "r", "false", timeoutMs: 60_000);
        var room = await host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1 && room.Presence.Of("olga").Waits <= 1);

        clock.Set(TimeSpan.FromSeconds(set));
        clock.Advance(TimeSpan.FromSeconds(seconds - 2));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(3));

        Assert.True((await waiting)["timeout"].Flag());
    }

    [Theory]
    [InlineData(3600, 2)]
    [InlineData(-3600, 62)]
    public async Task Wait_ForTheClock_TriggersWhenTheRoomsClockIsThere(int set, int seconds)
    {
        var clock = new TwoClocks();
        await using var host = await EngineHost.StartAsync(clock, new RoomLimits { WaitTimeout = TimeSpan.FromMinutes(10) });
        await host.RoomAsync("r");
        var waiting = host.WaitAsync(host.Owner, "r", "now >= timestamp('2026-03-01T12:01:00Z')", timeoutMs: 600_000);
        var room = await host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);

        clock.Set(TimeSpan.FromSeconds(set));
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(seconds - 1));

        Assert.True((await waiting)["triggered"].Flag());
    }

    [Theory]
    [InlineData(3600, 2)]
    [InlineData(-3600, 300)]
    public async Task Presence_FallsIdle_AfterWhatHasElapsedWithTheSleep(int set, int seconds)
    {
        var clock = new TwoClocks();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice");
        var waiting = host.WaitAsync(host.Owner, "r", "agents.alice.status == 'idle'", timeoutMs: 25_000);
        var room = await host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Set(TimeSpan.FromSeconds(set));

        if (seconds > 10)
        {
            // The wait's own time is over before; what it says then is asked afresh.
            var advanced = 0;
            await EngineHost.UntilAsync(() =>
            {
                // It ends on another thread: time must not run away meanwhile.
                if (advanced < 100)
                {
                    clock.Advance(TimeSpan.FromSeconds(5));
                    advanced += 5;
                }

                return waiting.IsCompleted;
            });
            clock.Advance(TimeSpan.FromSeconds(seconds - 20 - advanced));
            Assert.NotEqual("idle", (await host.ContextAsync(host.Owner, "r"))["agents"]!["alice"]!["status"].Text());
            clock.Advance(TimeSpan.FromSeconds(50));
        }
        else
        {
            clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        await EngineHost.UntilAsync(() => Status() == AgentStatus.Idle);

        AgentStatus Status() => AgentPresence.StatusOf(room.Presence.Of("alice"), room.Clock);
    }

    [Theory]
    [InlineData(3600, 2)]
    [InlineData(-3600, 62)]
    public async Task Token_Expires_AfterWhatHasElapsedWithTheSleep(int set, int seconds)
    {
        var clock = new TwoClocks();
        await using var host = await EngineHost.StartAsync(clock);
        var minted = (await host.Engine.Access.MintAsync("ann", "rooms:*", label: null, TimeSpan.FromMinutes(1), EngineHost.Cancel)).Value;
        var ann = await host.CallerAsync(minted.Secret);
        var told = 0;
        using var dependent = host.Engine.IdentityCache.Notices.Add(ann, room: null, _ => told++);

        clock.Set(TimeSpan.FromSeconds(set));
        if (seconds > 10)
        {
            clock.Advance(TimeSpan.FromSeconds(58));
            Assert.Equal(0, told);
            Assert.NotNull(host.Engine.IdentityCache.Current(ann));
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(1, told);
        Assert.Null(host.Engine.IdentityCache.Current(ann));
    }

    /// <summary>A log that was written while the time was ahead of what it is now, by a server that has stopped since.</summary>
    [Fact]
    public async Task Room_LoadedWhileTheTimeIsBehindItsLog_GoesOnFromThere()
    {
        var clock = new TwoClocks();
        await using var host = await StartAsync(clock, """{"id":"put","writes":[{"key":"k","value":1,"timer":{TIMER,"effect":"delete"}}]}""", "\"ms\":60000");
        var written = (await host.LoadedAsync("r")).Published.UpdatedAt;

        clock.Set(-s_hour);
        await host.RestartAsync();
        Assert.Equal(written, (await host.LoadedAsync("r")).Clock);
        await AdvanceAsync(host, clock, 58);
        await AssertOverAsync(host, "!has(state._shared.k)", expected: false);
        await AdvanceAsync(host, clock, 4);

        await AssertOverAsync(host, "!has(state._shared.k)", expected: true);
    }

    [Fact]
    public async Task Events_TimeIsSetBack_StayInOrderAndDoNotStandStill()
    {
        var clock = new TwoClocks();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"log","writes":[{"key":"at","append":true,"value":"${now}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "log");
        clock.Set(-s_hour);
        clock.Advance(TimeSpan.FromSeconds(10));
        await host.InvokeAsync(host.Owner, "r", "log");
        clock.Advance(TimeSpan.FromSeconds(10));
        await host.InvokeAsync(host.Owner, "r", "log");

        var room = (await host.LoadedAsync("r")).Record.Row;
        var at = (await host.Engine.Database.Rooms.ReadEventsAsync(room, 0, long.MaxValue, 100, EngineHost.Cancel)).Rows.Select(RoomEventJson.Read).TakeLast(3).Select(e => e.At).ToList();
        Assert.Equal([TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)], [at[1] - at[0], at[2] - at[1]]);
    }

    private static async Task<EngineHost> StartAsync(TwoClocks clock, string subject, string timer)
    {
        var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        switch (subject)
        {
            case "view":
                await host.ViewAsync(host.Owner, "r", $$$"""{"id":"v","expr":"1","timer":{{{{timer}}},"effect":"delete"}}""");
                break;
            case "agent":
                await host.JoinAsync("r", "alice");
                Assert.Null((await host.Engine.Agents.UpdateAsync(host.Owner, "r", "alice", EngineHost.Json($$$"""{"timer":{{{{timer}}},"effect":"delete"}}"""), EngineHost.Cancel)).Error);
                break;
            default:
                await host.RegisterAsync(host.Owner, "r", subject.Replace("TIMER", timer, StringComparison.Ordinal));
                if (!subject.EndsWith("\"enable\"}}", StringComparison.Ordinal) || subject.Contains("on_invoke", StringComparison.Ordinal) || subject.Contains("\"value\":1,\"timer\"", StringComparison.Ordinal))
                {
                    await host.InvokeAsync(host.Owner, "r", "put");
                }

                break;
        }

        return host;
    }

    private static async Task AdvanceAsync(EngineHost host, TwoClocks clock, int seconds)
    {
        // The watch looks once a second; two steps let it see what was set before the rest passes.
        await host.SettleAsync("r");
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        await host.SettleAsync("r");
    }

    private static async Task AssertOverAsync(EngineHost host, string over, bool expected) =>
        Assert.Equal(expected, (await host.EvalAsync(host.Owner, "r", over)).Flag());
}
