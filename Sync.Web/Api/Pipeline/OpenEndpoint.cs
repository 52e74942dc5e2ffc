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

    /// <summary>The mark.</summary>
    public static OpenEndpoint Metadata { get; } = new();
}
