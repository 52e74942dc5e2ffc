namespace Sync.Web.OAuth;

/// <summary>Addresses of the OAuth endpoints.</summary>
internal static class OAuthPaths
{
    public const string Authorize = "/oauth/authorize";
    public const string Token = "/oauth/token";
    public const string Register = "/oauth/register";
    public const string Revoke = "/oauth/revoke";
    public const string Device = "/auth/device";
    public const string Consent = "/auth/consent";
    public const string Mcp = "/mcp";
    public const string ServerMetadata = "/.well-known/oauth-authorization-server";
    public const string ResourceMetadata = "/.well-known/oauth-protected-resource";
}
