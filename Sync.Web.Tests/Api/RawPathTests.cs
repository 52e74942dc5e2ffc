using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sync.Web.Http.Requests;

namespace Sync.Web.Tests.Api;

public sealed class RawPathTests
{
    [Theory]
    [InlineData("/rooms/r/actions/a%2Fb/invoke", 3, "a/b")]
    [InlineData("/rooms/r/actions/a%252Fb/invoke?x=/y", 3, "a%2Fb")]
    [InlineData("/rooms/r%20s?a", 1, "r s")]
    [InlineData("/rooms/%F0%9F%98%80", 1, "😀")]
    [InlineData("/rooms/a+b", 1, "a+b")]
    [InlineData("http://host/rooms/r", 1, "r")]
    public void Decode_ASegment_GivesWhatWasMeant(string target, int index, string expected)
    {
        Assert.True(Of(target).TryDecode(index, rest: false, out var text));
        Assert.Equal(expected, text);
    }

    [Fact]
    public void Decode_TheRest_KeepsSlashes()
    {
        Assert.True(Of("/rooms/r/history/s/a/b%2Fc?x").TryDecode(4, rest: true, out var text));
        Assert.Equal("a/b/c", text);
    }

    [Theory]
    [InlineData("/rooms/%")]
    [InlineData("/rooms/%4")]
    [InlineData("/rooms/%zz")]
    [InlineData("/rooms/%ff")]
    [InlineData("/rooms/%ed%a0%80")]
    [InlineData("/rooms/")]
    [InlineData("/rooms")]
    public void Decode_WhatIsNoUtf8OrNotThere_Fails(string target) => Assert.False(Of(target).TryDecode(1, rest: false, out _));

    [Theory]
    [InlineData("/a/../b", true)]
    [InlineData("/a/.", true)]
    [InlineData("/%2e%2E/b", true)]
    [InlineData("/a/.%2e?x", true)]
    [InlineData("/a/.../b", false)]
    [InlineData("/.well-known/x", false)]
    [InlineData("/a?x=/../", false)]
    public void DotSegments_Escaped_AreSeen(string target, bool expected) => Assert.Equal(expected, Of(target).HasDotSegment());

    private static RawPath Of(string target)
    {
        var http = new DefaultHttpContext();
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        return RawPath.Of(http);
    }
}
