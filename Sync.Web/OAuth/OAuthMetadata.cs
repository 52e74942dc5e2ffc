using Sync.Web.Http.Answers;
using Sync.Web.Http.Pipeline;

namespace Sync.Web.OAuth;

/// <summary>
/// What clients discover: the authorisation server (RFC 8414) and the protected resources (RFC 9728). Written here and not by the library, which leaves out
/// registration and the way public clients authenticate, and ends the issuer with a slash, while clients compare it character by character: therefore
/// also everything is said in the spelling of loopback that was asked.
/// </summary>
internal static class OAuthMetadata
{
    private static readonly string[] s_scopes = ["create_rooms", "rooms:*", "rooms:*:read", "rooms:*:write"];

    public static void MapOAuthMetadata(this WebApplication app)
    {
        var address = app.Services.GetRequiredService<ServerAddress>();
        var server = InEachSpelling(address, static url => ApiAnswer.Of(Server(url), OAuthJsonContext.Default.AuthorizationServerJson));
        Map(app, OAuthPaths.ServerMetadata, server);
        // Clients of a server whose address has a path look here first (RFC 8414 §3.1).
        Map(app, OAuthPaths.ServerMetadata + OAuthPaths.Mcp, server);
        var root = address.Base.ToUriComponent();
        var api = InEachSpelling(address, static url => ApiAnswer.Of(Resource(url, url), OAuthJsonContext.Default.ProtectedResourceJson));
        var mcp = InEachSpelling(address, static url => ApiAnswer.Of(Resource(url, url + OAuthPaths.Mcp), OAuthJsonContext.Default.ProtectedResourceJson));
        Map(app, OAuthPaths.ResourceMetadata, api);
        Map(app, OAuthPaths.ResourceMetadata + OAuthPaths.Mcp, mcp);
        if (root.Length > 0)
        {
            // Where the standards put them: at the root of the host, the path behind the name (RFC 8414 §3, RFC 9728 §3).
            Map(app, OAuthPaths.ServerMetadata + root, server);
            Map(app, OAuthPaths.ServerMetadata + root + OAuthPaths.Mcp, server);
            Map(app, OAuthPaths.ResourceMetadata + root, api);
            Map(app, OAuthPaths.ResourceMetadata + root + OAuthPaths.Mcp, mcp);
        }
    }

    private static Func<HttpRequest, ApiAnswer> InEachSpelling(ServerAddress address, Func<string, ApiAnswer> write)
    {
        var answers = address.Spellings.ToDictionary(static url => url, write, StringComparer.Ordinal);
        return request => answers[address.For(request)];
    }

    private static void Map(WebApplication app, string path, Func<HttpRequest, ApiAnswer> answer) =>
        app.MapMethods(path, ["GET", "HEAD"], http => ApiResponse.WriteAsync(http, answer(http.Request))).WithMetadata(new EndpointMark(EndpointKind.OAuth)).ExcludeFromDescription();

    private static AuthorizationServerJson Server(string url) => new()
    {
        Issuer = url,
        AuthorizationEndpoint = url + OAuthPaths.Authorize,
        TokenEndpoint = url + OAuthPaths.Token,
        RegistrationEndpoint = url + OAuthPaths.Register,
        RevocationEndpoint = url + OAuthPaths.Revoke,
        DeviceAuthorizationEndpoint = url + OAuthPaths.Device,
        ScopesSupported = s_scopes,
        ResponseTypesSupported = ["code"],
        ResponseModesSupported = ["query"],
        GrantTypesSupported = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.DeviceCode],
        TokenEndpointAuthMethodsSupported = ["none"],
        RevocationEndpointAuthMethodsSupported = ["none"],
        CodeChallengeMethodsSupported = ["S256"],
        AuthorizationResponseIssParameterSupported = true,
        ClientIdMetadataDocumentSupported = true,
        ServiceDocumentation = url + "/docs/auth",
    };

    private static ProtectedResourceJson Resource(string url, string resource) => new()
    {
        Resource = resource,
        AuthorizationServers = [url],
        ScopesSupported = s_scopes,
        BearerMethodsSupported = ["header"],
        ResourceName = "Sync",
        ResourceDocumentation = url + "/docs",
    };
}

/// <summary>RFC 8414 §2.</summary>
internal sealed record AuthorizationServerJson
{
    public required string Issuer { get; init; }

    public required string AuthorizationEndpoint { get; init; }

    public required string TokenEndpoint { get; init; }

    public required string RegistrationEndpoint { get; init; }

    public required string RevocationEndpoint { get; init; }

    public required string DeviceAuthorizationEndpoint { get; init; }

    public required string[] ScopesSupported { get; init; }

    public required string[] ResponseTypesSupported { get; init; }

    public required string[] ResponseModesSupported { get; init; }

    public required string[] GrantTypesSupported { get; init; }

    public required string[] TokenEndpointAuthMethodsSupported { get; init; }

    public required string[] RevocationEndpointAuthMethodsSupported { get; init; }

    public required string[] CodeChallengeMethodsSupported { get; init; }

    public required bool AuthorizationResponseIssParameterSupported { get; init; }

    public required bool ClientIdMetadataDocumentSupported { get; init; }

    public required string ServiceDocumentation { get; init; }
}

/// <summary>RFC 9728 §2.</summary>
internal sealed record ProtectedResourceJson
{
    public required string Resource { get; init; }

    public required string[] AuthorizationServers { get; init; }

    public required string[] ScopesSupported { get; init; }

    public required string[] BearerMethodsSupported { get; init; }

    public required string ResourceName { get; init; }

    public required string ResourceDocumentation { get; init; }
}
