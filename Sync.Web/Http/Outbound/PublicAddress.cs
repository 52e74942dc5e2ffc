using System.Net;
using System.Net.Sockets;

namespace Sync.Web.Http.Outbound;

/// <summary>
/// Which addresses are on the public internet. A server that fetches what strangers name must not be led to what only it can reach (server-side request
/// forgery): the machine itself, its network, a cloud's metadata service.
/// </summary>
internal static class PublicAddress
{
    // IANA's special-purpose registry (RFC 6890), and multicast and what is reserved above it.
    private static readonly IPNetwork[] s_special4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/3"),
    ];

    // Global unicast is 2000::/3; out of it what tunnels to IPv4 or is for documents.
    private static readonly IPNetwork s_global6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] s_special6 =
        [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    /// <summary>Whether the address is one that anybody on the internet can reach.</summary>
    public static bool Is(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !s_special4.Any(network => network.Contains(plain)),
            AddressFamily.InterNetworkV6 => s_global6.Contains(plain) && !s_special6.Any(network => network.Contains(plain)),
            _ => false,
        };
    }
}
