using Sync.Web.Accounts;

namespace Sync.Web.Tests.Accounts;

/// <summary>Where a sign-in may lead on to.</summary>
public sealed class LocalPathTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/manage")]
    [InlineData("/rooms/a%2Fb/dashboard?x=1")]
    [InlineData("/oauth/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb&scope=rooms%3A*")]
    [InlineData("/%2F%2Fevil.example")]
    public void Of_ALocalPath_IsKept(string path) => Assert.Equal(path, LocalPath.Of(path));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("manage")]
    [InlineData("//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("\t//evil.example")]
    [InlineData(" //evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https:/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("%2F%2Fevil.example")]
    [InlineData("/ok\\..\\..")]
    public void Of_AnythingElse_IsNothing(string? path) => Assert.Null(LocalPath.Of(path));

    [Fact]
    public void Of_AnEndlessPath_IsNothing() => Assert.Null(LocalPath.Of("/" + new string('a', 9000)));
}
