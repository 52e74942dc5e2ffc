using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>MCP clients that run in a page: which origins may speak to <c>/mcp</c>, and what they may send and read.</summary>
public sealed class BrowserClientTests(BrowserClientTests.Host own) : IClassFixture<BrowserClientTests.Host>
{
    public static TheoryData<string> Allowed =>
    [
        "http://localhost:6274", "http://127.0.0.1:6274", "http://[::1]:6274", "https://localhost", "http://localhost:5080", "https://app.example.org", "https://other.example:8443",
    ];

    public static TheoryData<string> Refused =>
        ["https://evil.example", "null", "http://localhost.evil.example", "http://app.example.org", "https://app.example.org:444", "https://app.example.org.evil.example", "file://", "chrome-extension://abc"];

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task Preflight_OfAnAllowedOrigin_IsAnsweredWithoutAToken(string origin)
    {
        foreach (var method in (string[])["GET", "POST", "DELETE"])
        {
            var reply = await own.Client().SendAsync(
                HttpMethod.Options,
                "/mcp",
                content: null,
                ("Origin", origin),
                ("Access-Control-Request-Method", method),
                ("Access-Control-Request-Headers", "authorization,content-type,last-event-id,mcp-method,mcp-name,mcp-param-room,mcp-protocol-version,mcp-session-id"));

            Assert.Equal(204, reply.Status);
            Assert.Equal(origin, reply.Header("Access-Control-Allow-Origin"));
            Assert.Null(reply.Header("Access-Control-Allow-Credentials"));
            Assert.Contains(method, reply.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
            foreach (var header in (string[])["authorization", "content-type", "last-event-id", "mcp-method", "mcp-name", "mcp-param-room", "mcp-protocol-version", "mcp-session-id"])
            {
                Assert.Contains(header, reply.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task Answer_ToAnAllowedOrigin_MayBeReadWithItsSession(string origin)
    {
        using var raw = new RawMcp(own, await own.MintAsync(SyncHost.NewName("user")));

        using var response = await raw.SendAsync(HttpMethod.Post, RawMcp.Initialize, ("Origin", origin));

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(origin, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("Origin", response.Headers.Vary);
        var exposed = string.Join(',', response.Headers.GetValues("Access-Control-Expose-Headers"));
        Assert.Contains("Mcp-Session-Id", exposed, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("WWW-Authenticate", exposed, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Refusal_OfAnAllowedOrigin_MayBeRead()
    {
        foreach (var (method, status) in ((HttpMethod, int)[])[(HttpMethod.Post, 401), (HttpMethod.Get, 401), (HttpMethod.Put, 405)])
        {
            var reply = await own.Client().SendAsync(method, "/mcp", content: null, ("Origin", "http://localhost:6274"));

            Assert.Equal(status, reply.Status);
            Assert.Equal("http://localhost:6274", reply.Header("Access-Control-Allow-Origin"));
            Assert.Contains("WWW-Authenticate", reply.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Origin_ThatIsNotAllowed_IsRefusedBeforeAndWithItsRequest(string origin)
    {
        var before = await own.Client().SendAsync(HttpMethod.Options, "/mcp", content: null, ("Origin", origin), ("Access-Control-Request-Method", "POST"));
        var request = await own.Client(await own.MintAsync(SyncHost.NewName("user"))).SendAsync(HttpMethod.Get, "/mcp", content: null, ("Origin", origin));

        before.AssertRefusal("scope_denied", 403);
        request.AssertRefusal("scope_denied", 403);
        Assert.Null(before.Header("Access-Control-Allow-Origin"));
        Assert.Null(request.Header("Access-Control-Allow-Origin"));
    }

    /// <summary>What a client needs on the way to a token is open to pages as the API is.</summary>
    [Theory]
    [InlineData("/.well-known/oauth-protected-resource/mcp", "GET")]
    [InlineData("/.well-known/oauth-protected-resource", "GET")]
    [InlineData("/.well-known/oauth-authorization-server", "GET")]
    [InlineData("/.well-known/oauth-authorization-server/mcp", "GET")]
    [InlineData("/.well-known/openid-configuration", "GET")]
    [InlineData("/oauth/register", "POST")]
    [InlineData("/oauth/token", "POST")]
    [InlineData("/oauth/revoke", "POST")]
    [InlineData("/auth/device", "POST")]
    public async Task OAuth_FromAPage_IsOpen(string path, string method)
    {
        var preflight = await own.Client().SendAsync(
            HttpMethod.Options, path, content: null, ("Origin", "http://localhost:6274"), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "content-type,mcp-protocol-version"));
        var reply = await own.Client().SendAsync(new HttpMethod(method), path, content: null, ("Origin", "http://localhost:6274"));

        Assert.Equal(204, preflight.Status);
        Assert.Contains("MCP-Protocol-Version", preflight.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
    }

    /// <summary>A server whose operator allows two origins.</summary>
    public sealed class Host() : SyncHost(new Dictionary<string, string> { ["Sync:BrowserOrigins"] = "https://app.example.org, https://OTHER.example:8443/" });
}
