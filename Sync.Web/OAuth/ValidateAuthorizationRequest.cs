using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Services;
using Sync.Web.Accounts;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Sync.Web.OAuth;

/// <summary>
/// What the library leaves to the app when it has no stores: whose request this is, and whether its redirect address is that client's. Runs before every other
/// check, so that whatever else is wrong can be told to the client.
/// </summary>
internal sealed class ValidateAuthorizationRequest(KnownClients clients, OwnResources resources, SyncEngine engine) : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    /// <summary>Where a transaction keeps its client.</summary>
    public const string ClientProperty = "sync:client";

    /// <summary>Where a transaction keeps that its redirect address has been checked.</summary>
    public const string VerifiedProperty = "sync:verified";

    private const string CodeResponse = OpenIddictConstants.ResponseTypes.Code;

    public async ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext; // The only host there is.
        var request = context.Request;
        if (request.ClientId is not { Length: > 0 } id)
        {
            Refuse(context, OAuthError.InvalidRequest, "'client_id' is missing.");
            return;
        }

        if (request.RedirectUri is not { Length: > 0 } redirect || RedirectUris.Check(redirect) is not null)
        {
            Refuse(context, OAuthError.InvalidRequest, "'redirect_uri' is missing or no address to send anybody to.");
            return;
        }

        // For somebody who is not signed in nothing is fetched from other servers. They sign in first, and it is looked at then.
        if (KnownClients.IsDocument(id) && !await IsSignedInAsync(http))
        {
            return;
        }

        if (!(await clients.FindAsync(id, http.RequestAborted)).Try(out var client, out var unknown))
        {
            Refuse(context, OAuthError.InvalidClient, KnownClients.IsDocument(id) ? unknown.Message : KnownClients.GoneForPeople);
            return;
        }

        if (!RedirectUris.Match(client.RedirectUris, redirect))
        {
            Refuse(context, OAuthError.InvalidRequest, "'redirect_uri' is not one of this client's addresses.");
            return;
        }

        context.Transaction.SetProperty(ClientProperty, client);
        context.Transaction.SetProperty(VerifiedProperty, redirect);
        Check(context, request);
    }

    private void Check(ValidateAuthorizationRequestContext context, OpenIddictRequest request)
    {
        if (!string.Equals(request.ResponseType, CodeResponse, StringComparison.Ordinal))
        {
            Refuse(context, OpenIddictConstants.Errors.UnsupportedResponseType, "'response_type' must be code.");
        }
        else if (!string.Equals(request.CodeChallengeMethod, OpenIddictConstants.CodeChallengeMethods.Sha256, StringComparison.Ordinal) || request.CodeChallenge is not { Length: 43 })
        {
            // OAuth 2.1 §7.5.2: always; RFC 7636 §4.2: base64url of 32 bytes.
            Refuse(context, OAuthError.InvalidRequest, "'code_challenge' and 'code_challenge_method=S256' are needed (PKCE).");
        }
        else if (!resources.Hold(Resources(request)))
        {
            Refuse(context, OAuthError.InvalidTarget, "'resource' is not this server.");
        }
        else if (RequestedScope.Of(request.Scope) is { } asked && !Scope.Parse(asked).Try(out _, out var wrong))
        {
            Refuse(context, OAuthError.InvalidScope, wrong.Message);
        }
    }

    private async Task<bool> IsSignedInAsync(HttpContext http) => !BrowserSession.Of((await http.AuthenticateAsync()).Principal, engine).IsAnonymous;

    private static void Refuse(ValidateAuthorizationRequestContext context, string code, string description) => context.Reject(code, description);

    internal static IEnumerable<string> Resources(OpenIddictRequest request) => request.GetResources();
}
