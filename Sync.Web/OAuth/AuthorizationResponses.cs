using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Sync.Web.Http.Pipeline;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Sync.Web.OAuth;

/// <summary>
/// How an authorisation is answered. An error goes to the client as soon as its address has been checked (RFC 6749 §4.1.2.1), though the library would not, and
/// is a page before; the issuer is named as the metadata names it (RFC 9207).
/// </summary>
internal static class AuthorizationResponses
{
    /// <summary>Runs right after the library has decided where the answer goes.</summary>
    internal sealed class Address : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
    {
        public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
        {
            context.Response.ErrorUri = null; // It points to the library's documentation, which tells a client's author nothing of this server.
            // The only mode there is. The library answers errors in whichever the request asks for.
            context.ResponseMode = OpenIddictConstants.ResponseModes.Query;
            if (context.Response.Error is null)
            {
                return;
            }

            context.RedirectUri = context.Transaction.GetProperty<string>(ValidateAuthorizationRequest.VerifiedProperty);
            if (context.RedirectUri is null)
            {
                var http = context.Transaction.GetHttpRequest()!.HttpContext; // The only host there is.
                await OAuthPage.RefuseAsync(http, context.Response.ErrorDescription ?? "This authorization request is wrong.");
                context.HandleRequest();
            }
        }
    }

    /// <summary>Runs right after the library has named the issuer, with a slash at its end.</summary>
    internal sealed class Issuer(ServerAddress address) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
    {
        public ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
        {
            // The spelling that the client began under: the browser may have been sent on from it (AuthorizeEndpoint).
            var asked = (string?)context.Request?[AuthorizeEndpoint.IssuerParameter];
            context.Response.Iss = address.Spellings.Contains(asked, StringComparer.Ordinal) ? asked
                : address.For(context.Transaction.GetHttpRequest()!); // The only host there is.
            return ValueTask.CompletedTask;
        }
    }
}
