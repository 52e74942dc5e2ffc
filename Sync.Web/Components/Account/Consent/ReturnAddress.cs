namespace Sync.Web.Components.Account.Consent;

/// <summary>Where a browser goes with the answer to an OAuth request: shown to the person who decides, and allowed to their browser.</summary>
/// <param name="Words">The place, for people.</param>
/// <param name="Source">The same as a source expression for <c>form-action</c> (CSP 3 §2.3.1): an origin, or a scheme.</param>
public sealed record ReturnAddress(string Words, string Source)
{
    /// <summary>What an address is, or null when a browser cannot be sent there.</summary>
    public static ReturnAddress? Of(string? address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0)
        {
            return null;
        }

        if (uri.Scheme is not ("http" or "https"))
        {
            // An application of the machine that took a scheme for itself (RFC 8252 §7.1). Uri keeps schemes to letters, digits and + - .
            return uri.Scheme is "javascript" or "data" or "vbscript" or "file" or "blob" ? null : new ReturnAddress($"the app that opens {uri.Scheme}: links", uri.Scheme + ":");
        }

        var host = uri.IdnHost;
        if (uri.IsLoopback)
        {
            // Source expressions have no form for an IPv6 address, so there its scheme stands for it.
            return new ReturnAddress("a program on this computer", uri.HostNameType == UriHostNameType.IPv6 ? "http:" : $"{uri.Scheme}://{host}:{uri.Port}");
        }

        if (uri.HostNameType == UriHostNameType.IPv6 || !host.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_'))
        {
            return null;
        }

        return new ReturnAddress(uri.IsDefaultPort ? host : $"{host}:{uri.Port}", $"{uri.Scheme}://{host}:{uri.Port}");
    }
}
