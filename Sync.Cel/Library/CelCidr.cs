using System.Globalization;
using System.Net;
using Sync.Cel.Values;

namespace Sync.Cel.Library;

/// <summary>A range of addresses, <c>net.CIDR</c>; the address keeps its host bits.</summary>
internal sealed class CelCidr(IPAddress address, int prefixLength) : CelOpaque
{
    public static readonly CelCidr None = new(IPAddress.None, 0);

    public IPAddress Address { get; } = address;

    public int PrefixLength { get; } = prefixLength;

    public override string TypeName => TypeNames.Cidr;

    public static CelValue Parse(string text)
    {
        if (text.Length > CelIp.MaxLength + 4)
        {
            return NotANetwork(text);
        }

        if (text.Contains('%'))
        {
            return CelValue.Error($"The CIDR {CelValue.Of(text)} has a zone, which is not allowed.");
        }

        var slash = text.IndexOf('/');
        return slash > 0
            && !(text.Contains(':') && text.Contains('.'))
            && CelIp.TryParse(text[..slash], out var address)
            && text.Length - slash is >= 2 and <= 4
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && length <= address.GetAddressBytes().Length * 8
            ? CelValue.Of(new CelCidr(address, length))
            : NotANetwork(text);
    }

    private static CelValue NotANetwork(string text) =>
        CelValue.Error($"{ValueText.Brief(CelValue.Of(text))} is not a network address.", "Write an address and a prefix length: `cidr(\"192.168.0.0/24\")`.");

    public bool Contains(IPAddress other)
    {
        var mine = Address.GetAddressBytes();
        var theirs = other.GetAddressBytes();
        if (mine.Length != theirs.Length)
        {
            return false;
        }

        var whole = PrefixLength / 8;
        var rest = PrefixLength % 8;
        return mine.AsSpan(0, whole).SequenceEqual(theirs.AsSpan(0, whole))
            && (rest == 0 || (mine[whole] ^ theirs[whole]) >> (8 - rest) == 0);
    }

    public CelCidr Masked()
    {
        var bytes = Address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(PrefixLength - i * 8, 0, 8);
            bytes[i] = (byte)(bytes[i] & (0xff00 >> kept));
        }

        return new CelCidr(new IPAddress(bytes), PrefixLength);
    }

    public override bool SameAs(CelOpaque other) =>
        other is CelCidr cidr && cidr.PrefixLength == PrefixLength && cidr.Address.Equals(Address);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{PrefixLength}");
}
