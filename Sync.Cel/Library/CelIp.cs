using System.Net;
using System.Net.Sockets;
using Sync.Cel.Values;

namespace Sync.Cel.Library;

/// <summary>An IP address, <c>net.IP</c>. No zone, and no IPv4 inside IPv6 text.</summary>
internal sealed class CelIp(IPAddress address) : CelOpaque
{
    /// <summary>Characters of the longest address.</summary>
    public const int MaxLength = 45;

    /// <summary>Units that reading one takes.</summary>
    public const int Price = 4;

    public static readonly CelIp None = new(IPAddress.None);

    public IPAddress Address { get; } = address;

    public bool IsV4 => Address.AddressFamily == AddressFamily.InterNetwork;

    public bool IsGlobalUnicast => IsV4
        ? !Address.Equals(IPAddress.Any) && !Address.Equals(IPAddress.Broadcast) && !IPAddress.IsLoopback(Address) && !StartsWith(169, 254) && Address.GetAddressBytes()[0] is < 224 or > 239
        : !Address.Equals(IPAddress.IPv6Any) && !IPAddress.IsLoopback(Address) && !Address.IsIPv6Multicast && !Address.IsIPv6LinkLocal;

    public override string TypeName => TypeNames.Ip;

    public static CelValue Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            return NotAnAddress(text);
        }

        if (text.Contains('%'))
        {
            return CelValue.Error($"The IP address {CelValue.Of(text)} has a zone, which is not allowed.");
        }

        if (text.Contains(':') && text.Contains('.'))
        {
            return CelValue.Error($"An IPv4-mapped IPv6 address is not allowed: {CelValue.Of(text)}.");
        }

        return TryParse(text, out var address) ? CelValue.Of(new CelIp(address)) : NotAnAddress(text);
    }

    /// <summary>Strict: the framework's parser also reads 1.2, 0x7f.1 and octal, none of which is an address to CEL.</summary>
    public static bool TryParse(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.Length is 0 or > MaxLength || text.AsSpan().ContainsAny("%[]/ "))
        {
            return false;
        }

        if (!text.Contains(':'))
        {
            var parts = text.Split('.');
            if (parts.Length != 4 || parts.Any(p => p.Length is 0 or > 3 || p.Any(c => !char.IsAsciiDigit(c)) || (p.Length > 1 && p[0] == '0')))
            {
                return false;
            }
        }

        return IPAddress.TryParse(text, out address!); // set whenever it returns true, and read by nobody otherwise
    }

    private static CelValue NotAnAddress(string text) => CelValue.Error($"{ValueText.Brief(CelValue.Of(text))} is not an IP address.");

    public bool StartsWith(params ReadOnlySpan<byte> prefix) =>
        Address.GetAddressBytes().AsSpan().StartsWith(prefix) && (prefix[0] != 0xff || !IsV4) && (prefix[0] == 0xff || IsV4);

    // An address is one address, however written: ::ffff:c0a8:1 is 192.168.0.1 (conformance: ipv4_equals_ipv6).
    public override bool SameAs(CelOpaque other) =>
        other is CelIp ip && ip.Address.MapToIPv6().Equals(Address.MapToIPv6());

    public override string ToString() => Address.ToString();
}
