using System.Net;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>The network library: IP addresses and CIDR ranges.</summary>
internal static class NetworkFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        table.Function("ip(string) net.IP; ip(net.IP) net.IP", (ref run, in a) =>
            a.Kind == CelKind.String ? Ip(a, ref run) : TryIp(a, out _) ? a : Errors.NoMatch);
        table.Function("cidr(string) net.CIDR; cidr(net.CIDR) net.CIDR", (ref run, in a) =>
            a.Kind == CelKind.String ? Cidr(a, ref run) : TryCidr(a, out _) ? a : Errors.NoMatch);
        table.Function("isIP(string) bool", (ref run, in a) =>
            a.Kind == CelKind.String ? CelValue.Of(!Ip(a, ref run).IsError) : Errors.NoMatch);
        table.Function("isCIDR(string) bool", (ref run, in a) =>
            a.Kind == CelKind.String ? CelValue.Of(!Cidr(a, ref run).IsError) : Errors.NoMatch);
        table.Function("ip.isCanonical(string) bool", (ref run, in a) =>
        {
            if (a.Kind != CelKind.String)
            {
                return Errors.NoMatch;
            }

            var parsed = Ip(a, ref run);
            return parsed.IsError ? parsed : CelValue.Of(parsed.AsOpaque.ToString() == a.AsString);
        });
        table.Method("net.IP.family() int", (ref run, in a) => TryIp(a, out var ip) ? CelValue.Of(ip.IsV4 ? 4L : 6L) : Errors.NoMatch);
        Test(table, "isUnspecified", static ip => ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any));
        Test(table, "isLoopback", static ip => IPAddress.IsLoopback(ip.Address));
        Test(table, "isLinkLocalMulticast", static ip => ip.StartsWith(224, 0, 0) || ip.StartsWith(0xff, 0x02));
        Test(table, "isLinkLocalUnicast", static ip => ip.StartsWith(169, 254) || ip.Address.IsIPv6LinkLocal);
        Test(table, "isGlobalUnicast", static ip => ip.IsGlobalUnicast);
        table.Method("net.CIDR.containsIP(net.IP) bool; net.CIDR.containsIP(string) bool", ContainsIp);
        table.Method("net.CIDR.containsCIDR(net.CIDR) bool; net.CIDR.containsCIDR(string) bool", ContainsCidr);
        table.Method("net.CIDR.ip() net.IP", (ref run, in a) => TryCidr(a, out var cidr) ? CelValue.Of(new CelIp(cidr.Address)) : Errors.NoMatch);
        table.Method("net.CIDR.masked() net.CIDR", (ref run, in a) => TryCidr(a, out var cidr) ? CelValue.Of(cidr.Masked()) : Errors.NoMatch);
        table.Method("net.CIDR.prefixLength() int", (ref run, in a) => TryCidr(a, out var cidr) ? CelValue.Of((long)cidr.PrefixLength) : Errors.NoMatch);
    }

    private static void Test(FunctionTable.Builder table, string name, Func<CelIp, bool> test) =>
        table.Method($"net.IP.{name}() bool", (ref run, in a) => TryIp(a, out var ip) ? CelValue.Of(test(ip)) : Errors.NoMatch);

    private static CelValue Ip(in CelValue text, ref Evaluation run) => run.Charge(CelIp.Price) ? CelIp.Parse(text.AsString) : Errors.Cost;

    private static CelValue Cidr(in CelValue text, ref Evaluation run) => run.Charge(CelIp.Price) ? CelCidr.Parse(text.AsString) : Errors.Cost;

    private static CelValue ContainsIp(ref Evaluation run, in CelValue a, in CelValue b)
    {
        var other = b.Kind == CelKind.String ? Ip(b, ref run) : b;
        return other.IsError ? other
            : TryCidr(a, out var cidr) && TryIp(other, out var ip) ? CelValue.Of(cidr.Contains(ip.Address))
            : Errors.NoMatch;
    }

    private static CelValue ContainsCidr(ref Evaluation run, in CelValue a, in CelValue b)
    {
        var other = b.Kind == CelKind.String ? Cidr(b, ref run) : b;
        return other.IsError ? other
            : TryCidr(a, out var cidr) && TryCidr(other, out var inner) ? CelValue.Of(inner.PrefixLength >= cidr.PrefixLength && cidr.Contains(inner.Address))
            : Errors.NoMatch;
    }

    private static bool TryIp(in CelValue value, out CelIp ip)
    {
        ip = value.Kind == CelKind.Opaque && value.AsOpaque is CelIp found ? found : CelIp.None;
        return !ReferenceEquals(ip, CelIp.None);
    }

    private static bool TryCidr(in CelValue value, out CelCidr cidr)
    {
        cidr = value.Kind == CelKind.Opaque && value.AsOpaque is CelCidr found ? found : CelCidr.None;
        return !ReferenceEquals(cidr, CelCidr.None);
    }
}
