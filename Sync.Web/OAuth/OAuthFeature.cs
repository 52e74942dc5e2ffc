using OpenIddict.Abstractions;
using OpenIddict.Server;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pipeline;
using Sync.Web.Http.Requests;
using Sync.Web.Options;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Sync.Web.OAuth;

/// <summary>
/// OAuth 2.1 for clients of people: registration, authorisation codes with PKCE, refresh, revocation, discovery. The library does the protocol and keeps
/// nothing ("degraded mode"); grants and secrets are the engine's.
/// </summary>
internal static class OAuthFeature
{
    // How long a code is recognised, not how long it is good: that is a minute, and the engine's matter. One that comes back later was stolen, and what it gave is
    // revoked (RFC 6749 §4.1.2).
    private static readonly TimeSpan s_codeLife = TimeSpan.FromMinutes(10);

    public static void AddOAuth(this WebApplicationBuilder builder)
    {
        // It logs whole requests, code verifiers among them.
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning);
        var services = builder.Services;
        services.AddSingleton(new ClientDocumentOptions(AllowLoopback: false));
        services.AddSingleton<ClientDocumentFetch>();
        services.AddSingleton<ClientDocuments>();
        services.AddSingleton<KnownClients>();
        services.AddSingleton<OwnResources>();
        services.AddOpenIddict().AddServer(Configure);
        services.AddOptions<OpenIddictServerOptions>().Configure<SyncOptions>(static (server, sync) =>
        {
            server.Issuer = new Uri(sync.PublicUrl);
            // Its own metadata and keys are not served: nothing here is signed, and ours says more.
            server.ConfigurationEndpointUris.Clear();
            server.JsonWebKeySetEndpointUris.Clear();
            server.CodeChallengeMethods.Clear();
            server.CodeChallengeMethods.Add(OpenIddictConstants.CodeChallengeMethods.Sha256);
            server.ResponseModes.Clear();
            server.ResponseModes.Add(OpenIddictConstants.ResponseModes.Query);
        });
    }

    /// <summary>Reads the forms of the library's endpoints before it does, within bounds. Stands before whatever signs browsers in.</summary>
    public static void UseOAuthForms(this WebApplication app) => app.Use(ReadFormAsync);

    public static void MapOAuth(this WebApplication app)
    {
        app.MapOAuthMetadata();
        app.MapClientRegistration();
        app.MapRevocation();
        app.MapAuthorize();
        // The library answers before the endpoint is reached; the endpoint is there for its marks.
        app.MapPost(OAuthPaths.Token, static http => ApiResponse.WriteAsync(http, OAuthAnswers.Refusal(new OAuthError(OAuthError.InvalidRequest, "This is no token request."))))
            .WithMetadata(new EndpointMark(EndpointKind.OAuth)).ExcludeFromDescription();
    }

    private static void Configure(OpenIddictServerBuilder server)
    {
        server.EnableDegradedMode();
        // Without the slash, which would mean the root of the host and not that of the address.
        server.SetAuthorizationEndpointUris(OAuthPaths.Authorize[1..]).SetTokenEndpointUris(OAuthPaths.Token[1..]);
        server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().RequireProofKeyForCodeExchange();
        server.SetAuthorizationCodeLifetime(s_codeLife);
        server.DisableScopeValidation().DisableResourceValidation();
        // Codes are protected by the keys that protect the cookies. The library asks for keys of its own for tokens that it never makes.
        server.UseDataProtection();
        server.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
        // TLS ends at a proxy as often as not.
        server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().DisableTransportSecurityRequirement();

        server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseScopedHandler<ValidateAuthorizationRequest>()
            .SetOrder(OpenIddictServerHandlers.Authentication.ValidateRequestParameter.Descriptor.Order - 1));
        server.AddEventHandler<ApplyAuthorizationResponseContext>(handler => handler.UseSingletonHandler<AuthorizationResponses.Address>()
            .SetOrder(OpenIddictServerHandlers.Authentication.InferResponseMode.Descriptor.Order + 1));
        server.AddEventHandler<ApplyAuthorizationResponseContext>(handler => handler.UseSingletonHandler<AuthorizationResponses.Issuer>()
            .SetOrder(OpenIddictServerHandlers.Authentication.AttachIssuer.Descriptor.Order + 1));
        server.AddEventHandler<ExtractTokenRequestContext>(handler => handler.UseScopedHandler<TokenEndpointHandlers.Device>());
        server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseSingletonHandler<TokenEndpointHandlers.Validation>()
            .SetOrder(OpenIddictServerHandlers.Exchange.ValidateGrantType.Descriptor.Order + 1));
        server.AddEventHandler<ValidateTokenContext>(handler => handler.UseSingletonHandler<TokenEndpointHandlers.Refresh>()
            .SetOrder(OpenIddictServerHandlers.Protection.ResolveTokenValidationParameters.Descriptor.Order - 1));
        server.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseScopedHandler<TokenEndpointHandlers.Exchange>());
        server.AddEventHandler<ApplyTokenResponseContext>(handler => handler.UseSingletonHandler<TokenEndpointHandlers.Errors>());
    }

    private static async Task ReadFormAsync(HttpContext http, RequestDelegate next)
    {
        if (HttpMethods.IsPost(http.Request.Method) && http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: OAuthPaths.Token or OAuthPaths.Authorize })
        {
            var limits = http.RequestServices.GetRequiredService<SyncOptions>().Limits;
            if (!FormBody.IsOne(http.Request))
            {
                await RefuseAsync(http, "The body must be a form (application/x-www-form-urlencoded).");
                return;
            }

            if (!(await FormBody.ReadAllAsync(http.Request, limits, http.RequestServices.GetRequiredService<TimeProvider>())).Try(out _, out var error))
            {
                await RefuseAsync(http, error.Message, ErrorStatus.Of(error.Code.Kind));
                return;
            }
        }

        await next(http);
    }

    private static Task RefuseAsync(HttpContext http, string message, int status = StatusCodes.Status400BadRequest) =>
        ApiResponse.WriteAsync(http, OAuthAnswers.Refusal(new OAuthError(OAuthError.InvalidRequest, message), status));
}
