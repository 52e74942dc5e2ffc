using Sync.Web.Components.Account.Consent;

namespace Sync.Web.Tests.Components;

/// <summary>Where consent sends a browser: what the person reads, what the browser is allowed.</summary>
public sealed class ReturnAddressTests
{
    [Theory]
    [InlineData("https://app.example/callback?x=1", "app.example", "https://app.example:443")]
    [InlineData("https://app.example:8443/callback", "app.example:8443", "https://app.example:8443")]
    [InlineData("http://127.0.0.1:33418/cb", "a program on this computer", "http://127.0.0.1:33418")]
    [InlineData("http://localhost/cb", "a program on this computer", "http://localhost:80")]
    [InlineData("http://[::1]:9000/cb", "a program on this computer", "http:")]
    [InlineData("cursor://anysphere.mcp/cb", "the app that opens cursor: links", "cursor:")]
    [InlineData("https://bücher.example/cb", "xn--bcher-kva.example", "https://xn--bcher-kva.example:443")]
    public void Address_OfAPlace_IsShownAndAllowed(string address, string words, string source)
    {
        var found = ReturnAddress.Of(address);

        Assert.Equal(words, found?.Words);
        Assert.Equal(source, found?.Source);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/local")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("https://app.example@evil.example/")]
    [InlineData("https://a;script-src *.example/")]
    public void Address_OfNoPlace_IsNone(string? address) => Assert.Null(ReturnAddress.Of(address));
}
