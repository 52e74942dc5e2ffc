using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Pipeline;

namespace Sync.Web.Api;

/// <summary>
/// Where MCP clients and their users look for the protocol when they were told another path, or speak the transport of before 2025-03-26 (HTTP with SSE). They are told the path; nothing is redirected,
/// since a redirect would turn a POST into a GET or lose the token.
/// </summary>
internal static class McpNeighbours
{
    private static readonly HashSet<string> s_paths = new(StringComparer.OrdinalIgnoreCase)
    {
        "/sse", "/message", "/messages", "/mcp/sse", "/mcp/message", "/mcp/messages", "/mcp/mcp", "/mcp/v1", "/v1/mcp", "/api/mcp", "/mcp/http", "/mcp/stream", "/streamable-http", "/stream", "/jsonrpc", "/rpc",
    };

    /// <summary>The refusal that names the path.</summary>
    public static SyncError Refusal { get; } = new(ErrorCode.NotFound, "There is nothing at this path. MCP is at /mcp.")
    {
        Hint = "Configure the client with the address that ends in /mcp, transport Streamable HTTP (`http`, not `sse`).",
    };

    /// <summary>Whether a request looks for MCP where it is not: at such a path, or with JSON at the address itself, which has a page alone.</summary>
    public static bool IsMeant(HttpContext http)
    {
        var path = http.Request.Path.Value?.TrimEnd('/') ?? "";
        return path.Length == 0
            ? HttpMethods.IsPost(http.Request.Method) && EndpointKinds.Of(http) is (EndpointKind.Page or EndpointKind.Unknown) && http.Request.HasJsonContentType()
            : s_paths.Contains(path);
    }
}
