using Microsoft.AspNetCore.Http.Features;
using Sync.Web.Http.Requests;
using Sync.Web.Options;

namespace Sync.Web.Http.Pipeline;

/// <summary>
/// The address under which clients reach the server, and what follows from it. What a request names as its host is the client's word: no link and no redirect goes by it. Where the address
/// has a path, a proxy may hand requests on with it or without it, and both reach the same.
/// </summary>
internal sealed class ServerAddress
{
    private readonly int _segments;

    public ServerAddress(SyncOptions options)
    {
        Base = BaseOf(options.PublicUrl);
        _segments = Base.HasValue ? Base.Value.AsSpan().Count('/') : 0;
    }

    /// <summary>The path of the address, such as <c>/sync</c>; empty when it has none.</summary>
    public PathString Base { get; }

    /// <summary>The path of an address without a slash at its end.</summary>
    public static PathString BaseOf(string url) => new Uri(url).AbsolutePath.TrimEnd('/') is { Length: > 0 } path ? PathString.FromUriComponent(path) : PathString.Empty;

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

    private bool IsBelow(string location)
    {
        var path = Base.ToUriComponent();
        return location.StartsWith(path, StringComparison.Ordinal) && (location.Length == path.Length || location[path.Length] is '/' or '?' or '#');
    }
}
