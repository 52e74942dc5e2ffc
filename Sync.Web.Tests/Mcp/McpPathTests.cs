using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Where clients look for MCP: they are told where it is.</summary>
public sealed class McpPathTests(SyncHost host)
{
    [Theory]
    [InlineData("/sse")]
    [InlineData("/sse/")]
    [InlineData("/messages")]
    [InlineData("/message?sessionId=1")]
    [InlineData("/mcp/sse")]
    [InlineData("/mcp/messages")]
    [InlineData("/v1/mcp")]
    [InlineData("/api/mcp")]
    [InlineData("/MCP/SSE")]
    public async Task Path_NearMcp_NamesIt(string path)
    {
        foreach (var client in (ApiClient[])[host.Client(), await host.UserAsync()])
        {
            foreach (var reply in (ApiReply[])[await client.GetAsync(path), await client.PostAsync(path, new { jsonrpc = "2.0", id = 1, method = "ping" })])
            {
                reply.AssertRefusal("not_found", 404);
                Assert.Contains("/mcp", reply["message"].GetString(), StringComparison.Ordinal);
                Assert.Contains("/mcp", reply["hint"].GetString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Address_WithJsonPosted_NamesMcp()
    {
        var reply = await (await host.UserAsync()).PostAsync("/", new { jsonrpc = "2.0", id = 1, method = "ping" });

        reply.AssertRefusal("not_found", 404);
        Assert.Contains("/mcp", reply["message"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_WithASlashAtItsEnd_IsTheSame()
    {
        var reply = await (await host.UserAsync()).SendAsync(
            HttpMethod.Post, "/mcp/", new StringContent(RawMcp.Initialize, System.Text.Encoding.UTF8, "application/json"), ("Accept", "application/json, text/event-stream"));

        Assert.Equal(200, reply.Status);
        Assert.NotNull(reply.Header("Mcp-Session-Id"));
    }
}
