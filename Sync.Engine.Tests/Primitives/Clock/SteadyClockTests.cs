using Sync.Engine.Primitives.Clock;

namespace Sync.Engine.Tests.Primitives.Clock;

public sealed class SteadyClockTests : IDisposable
{
    private readonly TwoClocks _machine = new();
    private readonly SteadyClock _clock;
    private int _fired;

    public SteadyClockTests() => _clock = new SteadyClock(_machine);

    public void Dispose() => _clock.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3600, 3600)]
    [InlineData(-3600, 0)]
    [InlineData(0.01, 0.01)]
    public void GetUtcNow_TimeIsSet_FollowsForwardAndGoesOnOtherwise(double set, double leap)
    {
        var before = _clock.GetUtcNow();
        _machine.Set(TimeSpan.FromSeconds(set));
        _machine.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(before + TimeSpan.FromSeconds(10 + leap), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(set < 0 ? -set : 0), _clock.Ahead);
    }

    [Fact]
    public void GetUtcNow_SetBackAndOnAgain_LeapsNoFurtherThanTheTime()
    {
        var before = _clock.GetUtcNow();
        _machine.Set(TimeSpan.FromHours(-1));
        _machine.Advance(TimeSpan.FromMinutes(1));
        _machine.Set(TimeSpan.FromHours(1));
        _machine.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(before + TimeSpan.FromMinutes(2), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _clock.Ahead);
    }

    [Fact]
    public void GetUtcNow_WhateverBecomesOfTheTime_NeverRunsBackwardsNorStandsStill()
    {
        var random = new Random(11);
        var last = _clock.GetUtcNow();
        for (var step = 0; step < 2_000; step++)
        {
            if (random.Next(3) == 0)
            {
                _machine.Set(TimeSpan.FromSeconds(random.Next(-7_200, 7_200)));
            }

            var by = TimeSpan.FromMilliseconds(random.Next(1_000, 20_000));
            _machine.Advance(by);
            Assert.True(_clock.GetUtcNow() >= last + by);
            Assert.True(_clock.GetUtcNow() >= _machine.GetUtcNow());
            last = _clock.GetUtcNow();
        }
    }

    [Theory]
    [InlineData(3600, 2)]
    [InlineData(-3600, 60)]
    [InlineData(0, 60)]
    [InlineData(30, 30)]
    public void Timer_DueInAMinute_FiresSoLongAfterTheTimeWasSet(double set, int seconds)
    {
        using var timer = Timer(TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        _machine.Set(TimeSpan.FromSeconds(set));

        // The leap is noticed within a second; what is left then is waited for.
        var before = set > 0 && set < 60 ? seconds - 1 : set > 0 ? 0 : seconds - 1;
        _machine.Advance(TimeSpan.FromSeconds(before));
        Assert.Equal(0, _fired);
        _machine.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, _fired);
        _machine.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, _fired);
    }

    [Fact]
    public void Timer_Periodic_MakesUpForALeapOnce()
    {
        using var timer = Timer(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        _machine.Advance(TimeSpan.FromSeconds(5));
        _machine.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, _fired);

        _machine.Set(TimeSpan.FromHours(1));
        _machine.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(3, _fired);
        _machine.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(4, _fired);
    }

    [Fact]
    public void Timer_ChangedOrDisposed_DoesNotFireForALeap()
    {
        using var stopped = Timer(TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var gone = Timer(TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        gone.Dispose();

        _machine.Set(TimeSpan.FromHours(1));
        _machine.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(0, _fired);
        Assert.False(gone.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    [Theory]
    [InlineData(3600, 1)]
    [InlineData(-3600, 1)]
    [InlineData(0.01, 0)]
    [InlineData(0, 0)]
    public void Leapt_TimeIsSet_IsRaisedOnce(double set, int times)
    {
        var raised = 0;
        _clock.Leapt += () => raised++;

        _machine.Set(TimeSpan.FromSeconds(set));
        _machine.Advance(TimeSpan.FromSeconds(2));
        _machine.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(times, raised);
    }

    private ITimer Timer(TimeSpan due, TimeSpan period) => _clock.CreateTimer(_ => _fired++, state: null, due, period);
}
