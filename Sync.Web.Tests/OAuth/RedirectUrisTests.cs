using System.Net;
using Sync.Web.Http.Outbound;
using Sync.Web.OAuth;

namespace Sync.Web.Tests.OAuth;

/// <summary>Addresses: where answers may go, and from where documents may come.</summary>
public sealed class RedirectUrisTests
{
    [Theory]
    [InlineData("https://client.example/callback")]
    [InlineData("https://client.example/callback?x=1")]
    [InlineData("https://client.example:8443")]
    [InlineData("http://localhost/callback")]
    [InlineData("http://localhost:1234")]
    [InlineData("http://127.0.0.1:1234/callback")]
    [InlineData("http://[::1]:1234/callback")]
    [InlineData("com.example.app:/callback")]
    [InlineData("cursor://anysphere.cursor-mcp/oauth/callback")]
    [InlineData("vscode://client/callback")]
    public void Check_OfAnAddressThatWillDo_FindsNothing(string uri) => Assert.Null(RedirectUris.Check(uri));

    [Theory]
    [InlineData("")]
    [InlineData("callback")]
    [InlineData("/callback")]
    [InlineData("//client.example")]
    [InlineData("https://")]
    [InlineData("https://client.example/#")]
    [InlineData("https://client.example/ x")]
    [InlineData("https://client.example/\r\nSet-Cookie: x")]
    [InlineData("https://client.example/ü")]
    [InlineData("https://user:secret@client.example/")]
    [InlineData("https://*.client.example/")]
    [InlineData("https://client.example\\@evil.example/")]
    [InlineData("http://client.example/callback")]
    [InlineData("http://127.0.0.2/callback")]
    [InlineData("http://0x7f.1/callback")]
    [InlineData("http://localhost.evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("JavaScript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("vbscript:x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("blob:https://client.example/x")]
    [InlineData("about:blank")]
    [InlineData("myapp:/callback")]
    public void Check_OfAnyOther_SaysWhy(string uri) => Assert.NotNull(RedirectUris.Check(uri));

    [Fact]
    public void Check_OfALongOne_SaysWhy() => Assert.NotNull(RedirectUris.Check("https://client.example/" + new string('a', 2000)));

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("1.1.1.1", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2001::1", false)]
    [InlineData("2002:a00:1::1", false)]
    public void PublicAddress_OfEachKind_IsKnown(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));
}
