using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>CORS and security headers.</summary>
public sealed class BrowserRuleTests(SyncHost host)
{
    [Theory]
    [InlineData("/rooms", "POST")]
    [InlineData("/rooms/r/agents/a", "PATCH")]
    [InlineData("/rooms/r/events", "GET")]
    [InlineData("/nowhere", "GET")]
    public async Task Preflight_FromAnyOrigin_IsAllowedAndKept(string path, string method)
    {
        var reply = await host.Client().SendAsync(
            HttpMethod.Options,
            path,
            content: null,
            ("Origin", "https://elsewhere.example"),
            ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key,last-event-id"));

        Assert.Equal(204, reply.Status);
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
        Assert.Null(reply.Header("Access-Control-Allow-Credentials"));
        Assert.Contains(method, reply.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal("Authorization,Content-Type,Idempotency-Key,If-None-Match,Last-Event-ID,MCP-Protocol-Version", reply.Header("Access-Control-Allow-Headers"));
        Assert.Equal("7200", reply.Header("Access-Control-Max-Age"));
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/rooms")]
    [InlineData("/nowhere")]
    public async Task Request_FromAnotherOrigin_MayReadTheAnswerEvenARefusal(string path)
    {
        var reply = await host.Client().SendAsync(HttpMethod.Get, path, content: null, ("Origin", "https://elsewhere.example"));

        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
        foreach (var header in (string[])["ETag", "Idempotent-Replay", "Retry-After", "WWW-Authenticate"])
        {
            Assert.Contains(header, reply.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/rooms")]
    [InlineData("/nowhere")]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    public async Task Response_Always_CarriesSecurityHeaders(string path)
    {
        var reply = await host.Client().GetAsync(path);

        Assert.Equal("nosniff", reply.Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", reply.Header("Referrer-Policy"));
        Assert.Contains("frame-ancestors 'none'", reply.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Null(reply.Header("Server"));
    }
}
