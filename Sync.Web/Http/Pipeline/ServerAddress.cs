using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Sync.Web.Http.Requests;
using Sync.Web.Options;

namespace Sync.Web.Http.Pipeline;

/// <summary>
/// The address under which clients reach the server, and what follows from it. What a request names as its host is the client's word: no link and no redirect goes by it, and what OAuth
/// clients compare goes by it only among the names of loopback (<see cref="Spellings"/>). Where the address
/// has a path, a proxy may hand requests on with it or without it, and both reach the same.
/// </summary>
internal sealed class ServerAddress
{
    private static readonly string[] s_loopback = ["localhost", "127.0.0.1", "[::1]"];

    private readonly int _segments;
    private readonly (string Authority, string Spelling)[] _byAuthority;

    public ServerAddress(SyncOptions options)
    {
        Home = new Uri(options.PublicUrl);
        Base = BaseOf(options.PublicUrl);
        _segments = Base.HasValue ? Base.Value.AsSpan().Count('/') : 0;
        Spellings = Spell(options.PublicUrl);
        _byAuthority = [.. Spellings.Select(static spelling => (new Uri(spelling).Authority, spelling))];
    }

    /// <summary>The public address.</summary>
    public Uri Home { get; }

    /// <summary>
    /// The public address first, and where it is on loopback the same with each other name of loopback. Clients compare addresses by their text, and which of the names one is configured
    /// with is chance: for them the server is known by all.
    /// </summary>
    public IReadOnlyList<string> Spellings { get; }

    /// <summary>The path of the address, such as <c>/sync</c>; empty when it has none.</summary>
    public PathString Base { get; }

    /// <summary>The path of an address without a slash at its end.</summary>
    public static PathString BaseOf(string url) => new Uri(url).AbsolutePath.TrimEnd('/') is { Length: > 0 } path ? PathString.FromUriComponent(path) : PathString.Empty;

    /// <summary>The spelling under which a client asks; the public address where it asks under none of them.</summary>
    public string For(HttpRequest request)
    {
        var host = request.Host.Value;
        return Array.Find(_byAuthority, known => string.Equals(known.Authority, host, StringComparison.OrdinalIgnoreCase)).Spelling ?? Spellings[0];
    }

    /// <summary>Whether a host name, as a request or an origin has it, stands for this machine.</summary>
    public static bool IsLoopback(string host) =>
        s_loopback.Contains(host, StringComparer.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Takes the address's path off a request's, and sees to the place that a response names. Stands before routing.</summary>
    public Task HandleAsync(HttpContext http, RequestDelegate next)
    {
        if (Base.HasValue)
        {
            var request = http.Request;
            if (request.Path.StartsWithSegments(Base, StringComparison.Ordinal, out var rest))
            {
                request.Path = rest.HasValue ? rest : "/";
                if (http.Features.Get<IHttpRequestFeature>() is { RawTarget: { } target } feature)
                {
                    feature.RawTarget = RawPath.TargetBelow(target, Base, _segments);
                }
            }

            request.PathBase = Base;
        }

        http.Response.OnStarting(static state =>
        {
            var (http, address) = ((HttpContext, ServerAddress))state;
            if (http.Response.Headers.Location is [{ Length: > 0 } location])
            {
                http.Response.Headers.Location = address.PlaceOf(http.Request, location);
            }

            return Task.CompletedTask;
        }, (http, this));
        return next(http);
    }

    /// <summary>A place on this server as a path under the address, whatever host the framework made of it; any other as it is.</summary>
    private string PlaceOf(HttpRequest request, string location)
    {
        var own = $"{request.Scheme}://{request.Host.ToUriComponent()}";
        if (location.Length > own.Length && location[own.Length] == '/' && location.StartsWith(own, StringComparison.OrdinalIgnoreCase))
        {
            location = location[own.Length..];
        }

        // `//host` names a host.
        return !location.StartsWith('/') || location.StartsWith("//", StringComparison.Ordinal) || IsBelow(location) ? location : Base.ToUriComponent() + location;
    }

    private IReadOnlyList<string> Spell(string publicUrl)
    {
        if (!IsLoopback(Home.Host))
        {
            return [publicUrl];
        }

        var port = Home.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{Home.Port}");
        return [publicUrl, .. s_loopback.Where(name => !string.Equals(name, Home.Host, StringComparison.OrdinalIgnoreCase)).Select(name => $"{Home.Scheme}://{name}{port}{Base.ToUriComponent()}")];
    }

    private bool IsBelow(string location)
    {
        var path = Base.ToUriComponent();
        return location.StartsWith(path, StringComparison.Ordinal) && (location.Length == path.Length || location[path.Length] is '/' or '?' or '#');
    }
}
