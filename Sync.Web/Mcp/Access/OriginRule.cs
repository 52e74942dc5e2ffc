using System.Net;
using Sync.Web.Options;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// Which pages may speak to <c>/mcp</c> (MCP, Streamable HTTP, Security Warning): those of this server, and on a server for this machine alone those of this machine. A server on
/// loopback also answers to loopback names only, or a page could reach it under a name of its own (DNS rebinding). Programs send no origin.
/// </summary>
internal static class OriginRule
{
    public static bool Allows(HttpRequest request, SyncOptions options)
    {
        // The options are validated: it is an absolute address.
        var home = new Uri(options.PublicUrl);
        if (home.IsLoopback && !IsLoopback(request.Host.Host) && IsLocal(request.HttpContext.Connection.RemoteIpAddress))
        {
            return false;
        }

        var header = request.Headers.Origin;
        if (header.Count == 0)
        {
            return true;
        }

        return Uri.TryCreate(header.ToString(), UriKind.Absolute, out var origin)
            && ((origin.Scheme == home.Scheme && origin.Authority == home.Authority) || (home.IsLoopback && IsLoopback(origin.Host)));
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsLocal(IPAddress? address) => address is null || IPAddress.IsLoopback(address);
}
