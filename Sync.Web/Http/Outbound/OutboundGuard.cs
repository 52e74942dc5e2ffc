using System.Net;
using System.Net.Sockets;

namespace Sync.Web.Http.Outbound;

/// <summary>
/// Decides where the server connects to when others name the address (server-side request forgery), for client metadata documents and webhooks alike.
/// <list type="bullet">
/// <item>By https; by http only where it reaches further than the public internet. No user information, no fragment, no port of a well-known service but the web's.</item>
/// <item>A name is resolved once for a connection, all its addresses are examined, and one of those is connected to: a name that resolves differently a moment later gains nothing.</item>
/// <item>No redirects, cookies, proxy or kept connections: each request is examined by itself.</item>
/// </list>
/// Any thread.
/// </summary>
/// <param name="reach">How far it reaches.</param>
/// <param name="resolve">Finds the addresses of a name; null for the machine's resolver.</param>
internal sealed class OutboundGuard(OutboundReach reach, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private const int FirstUnprivilegedPort = 1024;
    private const int MaxHeaderKilobytes = 16;

    private static readonly IPNetwork[] s_private =
        [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("fc00::/7")];

    // Metadata services of clouds that answer in private networks.
    private static readonly IPAddress[] s_metadata = [IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192")];

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <summary>A handler that connects to nothing else.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = MaxHeaderKilobytes,
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = ConnectAsync,
    };

    /// <summary>What is wrong with an address, as far as it tells by itself; null when it may be connected to. What its name resolves to is examined when it is.</summary>
    public string? Problem(Uri address) =>
        !address.IsAbsoluteUri || address.Host.Length == 0 ? "must be an absolute address"
        : address.Scheme != Uri.UriSchemeHttps && !(reach != OutboundReach.Public && address.Scheme == Uri.UriSchemeHttp) ? "must be an https address"
        : address.UserInfo.Length > 0 ? "must not hold a user name or a password"
        : address.Fragment.Length > 0 ? "must not have a fragment"
        : !IsAllowedPort(address.Port) ? "must not name a port of another service"
        : IsRefusedHost(address) ? "is not on the public internet"
        : null;

    /// <summary>Whether an address may be connected to.</summary>
    public bool IsAllowed(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return PublicAddress.Is(plain)
            || (reach >= OutboundReach.Loopback && IPAddress.IsLoopback(plain))
            || (reach == OutboundReach.Private && s_private.Any(network => network.Contains(plain)) && !s_metadata.Contains(plain));
    }

    private static bool IsAllowedPort(int port) => port is 80 or 443 or >= FirstUnprivilegedPort;

    private bool IsRefusedHost(Uri address) =>
        address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 ? !IsAllowed(IPAddress.Parse(address.DnsSafeHost))
        : (address.IsLoopback || address.IdnHost.TrimEnd('.').EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) && !IsAllowed(IPAddress.Loopback);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await _resolve(host, cancellationToken);

        // All of them: a name with one public and one private address is no honest one.
        if (addresses.Length == 0 || !addresses.All(IsAllowed) || !IsAllowedPort(port))
        {
            throw new HttpRequestException("Not an address to connect to.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
