using System.Globalization;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pipeline;
using Sync.Web.Options;

namespace Sync.Web.Accounts;

/// <summary>Which origins are this server's own.</summary>
internal sealed class TrustedOrigins(SyncOptions options)
{
    private const string Localhost = "localhost";

    private readonly Uri _public = new(options.PublicUrl);

    /// <summary>The host that passkeys are bound to (WebAuthn §5.1.2, relying party identifier).</summary>
    public string Domain => _public.Host;

    /// <summary>The path that cookies are for: that of the public address, so that whatever else its host serves does not get them.</summary>
    public string CookiePath => ServerAddress.BaseOf(options.PublicUrl) is { HasValue: true } path ? path.ToUriComponent() : "/";

    /// <summary>Whether browsers reach the server over TLS, so that its cookies may ask for it.</summary>
    public bool IsSecure => _public.Scheme == Uri.UriSchemeHttps;

    /// <summary>The origins of pages on which a passkey ceremony may run: that of the public address, and for a server on this machine, the port it was asked at.</summary>
    public IReadOnlySet<string> CeremonyOrigins(int localPort)
    {
        var origins = new HashSet<string>(StringComparer.Ordinal) { _public.GetLeftPart(UriPartial.Authority) };
        if (Domain == Localhost)
        {
            origins.Add(string.Create(CultureInfo.InvariantCulture, $"{_public.Scheme}://{Localhost}:{localPort}"));
        }

        return origins;
    }

    /// <summary>
    /// Keeps other sites' pages from opening a circuit. Browsers send cookies along with a WebSocket from any page of the same site, other ports and
    /// subdomains included, and no CORS rule is asked (RFC 6455 §10.2).
    /// </summary>
    public Task GuardCircuitsAsync(HttpContext http, RequestDelegate next) =>
        EndpointKinds.Of(http) == EndpointKind.Circuit && http.Request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsOwn(origin, http.Request)
            ? ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.ScopeDenied, "Pages of another site cannot open this.") { Hint = "Open the page at this server's own address." })
            : next(http);

    // A server for this machine alone may be asked at another port or loopback name than its address says, behind a container's port for one. Any other name is a page's own word for it.
    private bool IsOwn(string text, HttpRequest request) =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin)
        && (IsPublic(origin) || (_public.IsLoopback && origin.IsLoopback && string.Equals(origin.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)));

    private bool IsPublic(Uri origin) => origin.Scheme == _public.Scheme && origin.Host == _public.Host && origin.Port == _public.Port;
}
