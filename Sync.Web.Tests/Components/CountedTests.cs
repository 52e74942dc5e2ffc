using Sync.Web.Components.Shared;

namespace Sync.Web.Tests.Components;

/// <summary>One thing is not told as many.</summary>
public sealed class CountedTests
{
    [Theory]
    [InlineData(0, "0 agents")]
    [InlineData(1, "1 agent")]
    [InlineData(2, "2 agents")]
    [InlineData(1200, "1,200 agents")]
    public void Things_AreCountedInTheirNumber(long count, string words) => Assert.Equal(words, Counted.Of(count, "agent"));

    [Theory]
    [InlineData(1, "1 entry")]
    [InlineData(3, "3 entries")]
    public void Thing_WithAPluralOfItsOwn_HasIt(long count, string words) => Assert.Equal(words, Counted.Of(count, "entry", "entries"));
}
