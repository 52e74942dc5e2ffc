using Sync.Web.Api.Operations;

namespace Sync.Web.Api.Pipeline;

/// <summary>
/// Marks an endpoint that is no <see cref="ApiOperation"/> and takes the same bearer tokens: who asks is worked out before it runs, and it counts towards the token's rate limit.
/// </summary>
/// <param name="resource">The path under which it is a protected resource of its own (RFC 9728), or empty.</param>
internal sealed class BearerEndpoint(string resource)
{
    /// <summary>Whether an endpoint takes bearer tokens and nothing else: an operation of the API, or one with this mark.</summary>
    public static bool Is(Endpoint? endpoint) =>
        endpoint?.Metadata is { } metadata && (metadata.GetMetadata<ApiOperation>() is not null || metadata.GetMetadata<BearerEndpoint>() is not null);

    /// <summary>The path of the protected resource that a request is for.</summary>
    public static string ResourceOf(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<BearerEndpoint>()?.Resource ?? "";

    /// <summary>The path of the resource.</summary>
    public string Resource { get; } = resource;
}
