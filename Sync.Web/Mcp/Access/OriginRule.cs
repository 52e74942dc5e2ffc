using System.Net;
using Sync.Web.Http.Pipeline;
using Sync.Web.Options;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// Which pages may speak to <c>/mcp</c> (MCP, Streamable HTTP, Security Warning): those of this server, those of the reader's own machine, and those that the operator names. They bring a token of
/// their own, since no cookie is looked at. A server on loopback also answers to loopback names only, or a page could reach it under a name of its own (DNS rebinding). Programs send no origin.
/// </summary>
internal static class OriginRule
{
    /// <summary>Whether a request may go on, by its host and its origin.</summary>
    public static bool Allows(HttpRequest request, ServerAddress address, SyncOptions options)
    {
        if (address.Home.IsLoopback && !ServerAddress.IsLoopback(request.Host.Host) && IsLocal(request.HttpContext.Connection.RemoteIpAddress))
        {
            return false;
        }

        var header = request.Headers.Origin;
        return header.Count == 0 || AllowsOrigin(header.ToString(), address, options);
    }

    /// <summary>Whether a page of this origin may speak to <c>/mcp</c>.</summary>
    public static bool AllowsOrigin(string text, ServerAddress address, SyncOptions options)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var origin))
        {
            return false;
        }

        return (origin.Scheme == address.Home.Scheme && origin.Authority == address.Home.Authority)
            || ServerAddress.IsLoopback(origin.Host)
            || options.BrowserOrigins.Contains($"{origin.Scheme}://{origin.Authority}", StringComparer.Ordinal);
    }

    private static bool IsLocal(IPAddress? address) => address is null || IPAddress.IsLoopback(address);
}
