using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Http.Endpoints;

namespace Sync.Web.Http.Pipeline;

/// <summary>Bearer authentication: the token of a request is looked up once, before the rate limit, which depends on the caller.</summary>
/// <param name="Caller">The caller, or the refusal of a token that is not valid.</param>
internal sealed record BearerAuthentication(Outcome<Caller> Caller)
{
    private const string Scheme = "Bearer";

    private static readonly BearerAuthentication s_anonymous = new(Sync.Engine.Identity.Caller.Anonymous);

    /// <summary>Authenticates requests to operations that read tokens.</summary>
    public static async Task AuthenticateAsync(HttpContext http, RequestDelegate next)
    {
        if (EndpointKinds.Of(http).IsCookieless() && http.GetEndpoint()?.Metadata.GetMetadata<ApiEndpoint>() is not { Authentication: Authentication.None })
        {
            http.Features.Set(await OfAsync(http));
        }

        await next(http);
    }

    private static async ValueTask<BearerAuthentication> OfAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return s_anonymous;
        }

        // RFC 6750 §2.1, RFC 9110 §11.1: the scheme's name is compared without case.
        var text = header.ToString().AsSpan().Trim();
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || (text.Length > Scheme.Length && text[Scheme.Length] != ' '))
        {
            return new BearerAuthentication(new SyncError(ErrorCode.InvalidToken, "The Authorization header is not a bearer token.")
            {
                Hint = "Send `Authorization: Bearer <token>`.",
            });
        }

        var secret = text[Scheme.Length..].Trim().ToString();
        var engine = http.RequestServices.GetRequiredService<SyncEngine>();
        return new BearerAuthentication(await engine.Access.AuthenticateAsync(secret, http.RequestAborted));
    }
}
