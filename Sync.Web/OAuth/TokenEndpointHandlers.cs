using System.Security.Claims;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Http.Answers;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Sync.Web.OAuth;

/// <summary>
/// The token endpoint (RFC 6749 §3.2). The library reads and checks the request, opens the code and compares its PKCE challenge, client and redirect address;
/// the engine redeems, refreshes and makes every secret. The answer is written here, since the library would make tokens of its own.
/// </summary>
internal static class TokenEndpointHandlers
{
    /// <summary>The claim in a code that names the grant it is the key to.</summary>
    public const string GrantClaim = "sync:grant";

    /// <summary>Answers device grants as soon as the request is read: the library knows them only together with device endpoints of its own.</summary>
    internal sealed class Device(SyncEngine engine, KnownClients clients) : IOpenIddictServerHandler<ExtractTokenRequestContext>
    {
        public async ValueTask HandleAsync(ExtractTokenRequestContext context)
        {
            if (context.Request is not { } request || request.GrantType != GrantTypes.DeviceCode)
            {
                return;
            }

            if (request.DeviceCode is not { Length: > 0 } code)
            {
                context.Reject(OAuthError.InvalidRequest, "'device_code' is missing.");
                return;
            }

            var http = context.Transaction.GetHttpRequest()!.HttpContext; // The only host there is.
            if (await clients.IsGoneAsync(request.ClientId, http.RequestAborted))
            {
                context.Reject(OAuthError.InvalidClient, KnownClients.Gone);
                return;
            }

            await ApiResponse.WriteAsync(http, OAuthAnswers.Of(await engine.Grants.PollDeviceAsync(code, request.ClientId, http.RequestAborted)));
            context.HandleRequest();
        }
    }

    /// <summary>What the library leaves to the app when it has no stores. Clients hold no secret, and which one a code or token belongs to is checked with it.</summary>
    internal sealed class Validation(OwnResources resources, KnownClients clients) : IOpenIddictServerHandler<ValidateTokenRequestContext>
    {
        public async ValueTask HandleAsync(ValidateTokenRequestContext context)
        {
            var http = context.Transaction.GetHttpRequest()!.HttpContext; // The only host there is.

            // Before everything else: a client that is told of its code or token alone would try the same again for ever (RFC 6749 §5.2).
            if (await clients.IsGoneAsync(context.Request.ClientId, http.RequestAborted))
            {
                context.Reject(OAuthError.InvalidClient, KnownClients.Gone);
            }
            else if (!resources.Hold(ValidateAuthorizationRequest.Resources(context.Request)))
            {
                context.Reject(OAuthError.InvalidTarget, "'resource' is not this server.");
            }
        }
    }

    /// <summary>Lets a refresh token pass as it is: only the engine can tell what it is worth, and asking uses it up.</summary>
    internal sealed class Refresh : IOpenIddictServerHandler<ValidateTokenContext>
    {
        public ValueTask HandleAsync(ValidateTokenContext context)
        {
            if (context.ValidTokenTypes.Contains(OpenIddictConstants.TokenTypeIdentifiers.RefreshToken) && context.Request is { } request)
            {
                var identity = new ClaimsIdentity("refresh");
                identity.SetClaim(OpenIddictConstants.Claims.Subject, "refresh");
                identity.SetTokenType(OpenIddictConstants.TokenTypeIdentifiers.RefreshToken);
                identity.SetScopes(request.GetScopes());
                identity.SetResources(ValidateAuthorizationRequest.Resources(request));
                context.Principal = new ClaimsPrincipal(identity);
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Redeems or refreshes, and answers.</summary>
    internal sealed class Exchange(SyncEngine engine) : IOpenIddictServerHandler<HandleTokenRequestContext>
    {
        public async ValueTask HandleAsync(HandleTokenRequestContext context)
        {
            var http = context.Transaction.GetHttpRequest()!.HttpContext; // The only host there is.
            var request = context.Request;
            Outcome<IssuedToken> outcome;
            if (request.IsRefreshTokenGrantType())
            {
                outcome = await engine.Tokens.RefreshAsync(request.RefreshToken!, request.ClientId, RequestedScope.Of(request.Scope), http.RequestAborted); // The library has seen to it.
            }
            else if (context.Principal?.GetClaim(GrantClaim) is { } grant && request.ClientId is { } client)
            {
                outcome = await engine.Grants.RedeemAsync(grant, client, http.RequestAborted);
            }
            else
            {
                context.Reject(OAuthError.InvalidGrant, "This code is not one of this server's.");
                return;
            }

            await ApiResponse.WriteAsync(http, outcome.Try(out var issued, out var error) ? OAuthAnswers.Of(issued) : OAuthAnswers.Refusal(OAuthAnswers.Translate(error, ApiResponse.StepsOf(http))));
            context.HandleRequest();
        }
    }

    /// <summary>Takes the library's documentation out of its errors.</summary>
    internal sealed class Errors : IOpenIddictServerHandler<ApplyTokenResponseContext>
    {
        public ValueTask HandleAsync(ApplyTokenResponseContext context)
        {
            context.Response.ErrorUri = null;
            return ValueTask.CompletedTask;
        }
    }
}
