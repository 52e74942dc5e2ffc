using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Services;
using Sync.Engine.Services.Grants;
using Sync.Web.Accounts;
using Sync.Web.Http.Pipeline;

namespace Sync.Web.OAuth;

/// <summary>
/// The person's part of an authorisation (RFC 6749 §4.1), once the library has checked the request: sign in, the consent page, and the decision that its form
/// brings back with the same parameters. Nothing is remembered in between, so everything is checked again.
/// </summary>
internal static class AuthorizeEndpoint
{
    /// <summary>The parameter that names the spelling of the address under which the client began, once the browser has been sent on to the public one.</summary>
    public const string IssuerParameter = "issuer";

    private const string Decision = "decision";
    private const string Grant = "grant";
    private const string AntiforgeryField = "__RequestVerificationToken";

    private static readonly string[] s_ownFields = [Decision, Grant, AntiforgeryField];

    public static void MapAuthorize(this WebApplication app) =>
        app.MapMethods(OAuthPaths.Authorize, ["GET", "POST"], AnswerAsync).ExcludeFromDescription();

    private static async Task AnswerAsync(HttpContext http)
    {
        var transaction = http.Features.Get<OpenIddictServerAspNetCoreFeature>()?.Transaction;
        if (transaction?.Request is not { } request)
        {
            await OAuthPage.RefuseAsync(http, "This is no authorization request.");
            return;
        }

        http.Response.Headers.CacheControl = "no-store";
        var address = http.RequestServices.GetRequiredService<ServerAddress>();
        if (HttpMethods.IsGet(http.Request.Method) && address.For(http.Request) is var spelling && spelling != address.Spellings[0])
        {
            // The person's session and passkeys are under the public name alone (WebAuthn §5.1.2); a number has none.
            http.Response.Redirect(address.Spellings[0] + OAuthPaths.Authorize + http.Request.QueryString.Add(IssuerParameter, spelling));
            return;
        }

        var client = transaction.GetProperty<OAuthClient>(ValidateAuthorizationRequest.ClientProperty);
        var caller = BrowserSession.Of(http.User, http.RequestServices.GetRequiredService<SyncEngine>());
        if (request.HasPromptValue(OpenIddictConstants.PromptValues.None))
        {
            await RefuseAsync(http, caller.IsAnonymous ? OAuthError.LoginRequired : OAuthError.ConsentRequired, "A person has to decide this.");
        }
        else if (caller.IsAnonymous)
        {
            http.Response.Redirect(AccountPaths.SignInFor(OAuthPaths.Authorize + QueryOf(http)));
        }
        else if (client is null)
        {
            // Whoever is signed in has had the client looked up.
            await OAuthPage.RefuseAsync(http, "This client is not known here.");
        }
        else if (HttpMethods.IsPost(http.Request.Method) && http.Request.Form.ContainsKey(Decision))
        {
            await DecideAsync(http, caller, client, request);
        }
        else
        {
            http.Response.Redirect(OAuthPaths.Consent + QueryOf(http));
        }
    }

    private static async Task DecideAsync(HttpContext http, Caller caller, OAuthClient client, OpenIddictRequest request)
    {
        if (!await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
        {
            await OAuthPage.RefuseAsync(http, "This page is out of date. Go back, reload it and decide again.");
            return;
        }

        var decision = http.Request.Form[Decision].ToString();
        if (decision == "deny")
        {
            await RefuseAsync(http, OAuthError.AccessDenied, "The person has said no.");
            return;
        }

        var granted = string.Join(' ', http.Request.Form[Grant].Where(part => !string.IsNullOrWhiteSpace(part)));
        if (decision != "allow" || granted.Length == 0)
        {
            await OAuthPage.RefuseAsync(http, "Nothing was chosen. Go back and choose what to allow, or deny it.");
            return;
        }

        var engine = http.RequestServices.GetRequiredService<SyncEngine>();
        if (!(await engine.Grants.ConsentAsync(caller, new GrantClient(client.Id, client.Name), RequestedScope.Of(request.Scope), granted, http.RequestAborted)).Try(out var grant, out var error))
        {
            await OAuthPage.RefuseAsync(http, error.Message);
            return;
        }

        // What the code carries: which grant it is the key to. Whose it is and how far it reaches stands with the grant.
        var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, caller.UserId);
        identity.SetClaim(TokenEndpointHandlers.GrantClaim, grant);
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(granted.Split(' '));
        principal.SetResources(http.RequestServices.GetRequiredService<OwnResources>().All);
        await http.SignInAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, principal);
    }

    // Goes to the client: its address has been checked by now.
    private static Task RefuseAsync(HttpContext http, string code, string description) => http.ForbidAsync(
        OpenIddictServerAspNetCoreDefaults.AuthenticationScheme,
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = code,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }));

    private static QueryString QueryOf(HttpContext http) => HttpMethods.IsPost(http.Request.Method)
        ? QueryString.Create(http.Request.Form.Where(field => !s_ownFields.Contains(field.Key)))
        : http.Request.QueryString;
}
