using System.Globalization;
using System.Text.Json;
using Sync.Engine.Services.Grants;

namespace Sync.Web.OAuth;

/// <summary>
/// What a client says of itself, in a registration (RFC 7591 §2) or a document of its own. What is not known here is passed over, as the RFC wants; of what
/// is, every mistake is told.
/// </summary>
internal static class ClientMetadata
{
    private const int MaxRedirectUris = 10;
    private const int MaxName = 100;
    private const int MaxUri = 2000;

    private static readonly string[] s_grantTypes = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.DeviceCode];

    /// <summary>Reads it; the error is <c>invalid_redirect_uri</c> or <c>invalid_client_metadata</c>.</summary>
    /// <param name="json">The object.</param>
    /// <param name="byDefault">What a client without a name is called; null: after the host of its first redirect address.</param>
    public static ClientMetadataRead Read(JsonElement json, string? byDefault)
    {
        if (!Strings(json, "redirect_uris", out var redirectUris) || redirectUris is not { Count: > 0 and <= MaxRedirectUris })
        {
            return Wrong(OAuthError.InvalidRedirectUri, string.Create(CultureInfo.InvariantCulture, $"'redirect_uris' must be a list of 1 to {MaxRedirectUris} addresses."));
        }

        foreach (var uri in redirectUris)
        {
            if (RedirectUris.Check(uri) is { } problem)
            {
                return Wrong(OAuthError.InvalidRedirectUri, $"The redirect address '{(uri.Length <= 100 ? uri : uri[..99] + "…")}' {problem}.");
            }
        }

        if (!Text(json, "client_name", out var name) || name is { Length: > MaxName } || name?.Any(char.IsControl) == true)
        {
            return Wrong(OAuthError.InvalidClientMetadata, string.Create(CultureInfo.InvariantCulture, $"'client_name' must be a text of at most {MaxName} printable characters."));
        }

        if (!Text(json, "client_uri", out var home)
            || (home is not null && !(home.Length <= MaxUri && Uri.TryCreate(home, UriKind.Absolute, out var page) && (page.Scheme == Uri.UriSchemeHttps || page.Scheme == Uri.UriSchemeHttp))))
        {
            return Wrong(OAuthError.InvalidClientMetadata, "'client_uri' must be an http or https address.");
        }

        if (!Strings(json, "grant_types", out var grantTypes) || (grantTypes is not null && !grantTypes.Contains(GrantTypes.AuthorizationCode) && !grantTypes.Contains(GrantTypes.DeviceCode)))
        {
            return Wrong(OAuthError.InvalidClientMetadata, $"'grant_types' must be a list with {GrantTypes.AuthorizationCode} or {GrantTypes.DeviceCode} in it.");
        }

        if (!Strings(json, "response_types", out var responseTypes) || responseTypes?.Contains("code") == false)
        {
            return Wrong(OAuthError.InvalidClientMetadata, "'response_types' must be a list with code in it.");
        }

        var registration = new OAuthClientRegistration(
            string.IsNullOrWhiteSpace(name) ? byDefault ?? NameOf(redirectUris[0]) : name.Trim(),
            redirectUris,
            home);
        return new ClientMetadataRead(registration, [.. s_grantTypes.Where(type => grantTypes?.Contains(type) ?? type != GrantTypes.DeviceCode)], null);
    }

    private static string NameOf(string redirectUri)
    {
        var uri = new Uri(redirectUri);
        var name = uri.Host.Length > 0 ? uri.Host : uri.Scheme;
        return name.Length <= MaxName ? name : name[..MaxName];
    }

    private static ClientMetadataRead Wrong(string code, string message) => new(null, [], new OAuthError(code, message));

    private static bool Text(JsonElement json, string name, out string? text)
    {
        text = null;
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        text = value.GetString();
        return true;
    }

    private static bool Strings(JsonElement json, string name, out IReadOnlyList<string>? list)
    {
        list = null;
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > 100 || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            return false;
        }

        list = [.. value.EnumerateArray().Select(item => item.GetString()!)]; // Each is a string.
        return true;
    }
}

/// <summary>What was read: a registration, or an error.</summary>
/// <param name="Registration">What the client says of itself.</param>
/// <param name="GrantTypes">The grant types it may use.</param>
/// <param name="Error">What is wrong.</param>
internal sealed record ClientMetadataRead(OAuthClientRegistration? Registration, IReadOnlyList<string> GrantTypes, OAuthError? Error)
{
    /// <summary>Splits it.</summary>
    public bool Try([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out OAuthClientRegistration? registration, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out OAuthError? error)
    {
        registration = Registration;
        error = Error;
        return error is null;
    }
}
