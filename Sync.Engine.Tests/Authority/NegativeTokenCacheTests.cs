using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Authority;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Tests.Authority;

public sealed class NegativeTokenCacheTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Contains_AddedHash_ForTwoSeconds()
    {
        var unknown = new NegativeTokenCache(_time);
        var hash = Secret.Hash(Secret.New(Secret.UserPrefix));

        unknown.Add(hash);

        Assert.True(unknown.Contains(hash));
        Assert.False(unknown.Contains(Secret.Hash(Secret.New(Secret.UserPrefix))));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(unknown.Contains(hash));
    }

    [Fact]
    public void Add_AFlood_StaysBounded()
    {
        var unknown = new NegativeTokenCache(_time);
        var hashes = Enumerable.Range(0, 10_000).Select(_ => Secret.Hash(Secret.New(Secret.UserPrefix))).ToList();

        hashes.ForEach(unknown.Add);

        Assert.InRange(hashes.Count(unknown.Contains), 1, 4_096);
    }
}
