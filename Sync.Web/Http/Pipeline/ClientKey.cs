using System.Net;
using System.Net.Sockets;

namespace Sync.Web.Http.Pipeline;

/// <summary>The key of rate limits: the request's valid token, or the network it came from. A guessed token costs the guesser's network, not a fresh allowance per guess.</summary>
internal readonly record struct ClientKey(string? Token, IPAddress? Network)
{
    /// <summary>The party behind a request, once bearer authentication has run.</summary>
    public static ClientKey Of(HttpContext http) =>
        http.Features.Get<BearerAuthentication>() is { } presented && presented.Caller.Try(out var caller, out _) && caller.TokenId is { } token
            ? new ClientKey(token, Network: null)
            : OfNetwork(http);

    /// <summary>The network that a request came from, whatever token it has.</summary>
    public static ClientKey OfNetwork(HttpContext http) => new(Token: null, NetworkOf(http.Connection.RemoteIpAddress));

    // One customer usually holds a whole IPv6 /64.
    private static IPAddress NetworkOf(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return address ?? IPAddress.None;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
