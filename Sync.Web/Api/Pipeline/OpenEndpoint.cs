using Sync.Web.Api.Operations;

namespace Sync.Web.Api.Pipeline;

/// <summary>
/// Marks an endpoint that is no operation of the API's table and yet of its kind: it knows no cookies, is open to pages of every origin, and has the limit of
/// requests without a token. The OAuth endpoints, which have an error shape of their own, are such.
/// </summary>
internal sealed class OpenEndpoint
{
    private OpenEndpoint()
    {
    }

    /// <summary>
    /// Whether an endpoint is open in this way: an operation of the API, one with this mark, or no route at all. No endpoint is an unknown path, and one that is no
    /// route a wrong method: both are requests to the API.
    /// </summary>
    public static bool Is(Endpoint? endpoint) =>
        endpoint is not RouteEndpoint || endpoint.Metadata.GetMetadata<ApiOperation>() is not null || endpoint.Metadata.GetMetadata<OpenEndpoint>() is not null;

    /// <summary>The mark.</summary>
    public static OpenEndpoint Metadata { get; } = new();
}
