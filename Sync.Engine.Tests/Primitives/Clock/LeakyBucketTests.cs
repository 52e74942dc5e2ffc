using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Primitives.Clock;

namespace Sync.Engine.Tests.Primitives.Clock;

public sealed class LeakyBucketTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Level_OfAnEmptyBucket_IsZeroAtAnyTime()
    {
        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(0, default(LeakyBucket).LevelNow(_time, perSecond: 2));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 8)]
    [InlineData(2.5, 5)]
    [InlineData(5, 0)]
    [InlineData(1_000, 0)]
    public void Level_AfterSomeSeconds_HasFallenAtTheRateButNotBelowZero(double seconds, double level)
    {
        var bucket = default(LeakyBucket).Add(10, _time, perSecond: 2);

        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(level, bucket.LevelNow(_time, perSecond: 2), precision: 6);
    }

    [Fact]
    public void Add_ToWhatIsLeft_KeepsTheRest()
    {
        var bucket = default(LeakyBucket).Add(10, _time, perSecond: 2);
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(5, bucket.Add(1, _time, perSecond: 2).LevelNow(_time, perSecond: 2), precision: 6);
    }
}
