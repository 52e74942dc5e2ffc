using Microsoft.AspNetCore.Antiforgery;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Http.Pages;
using Sync.Web.Http.Pipeline;

namespace Sync.Web.Accounts;

/// <summary>The plain forms of the account pages. Each carries an antiforgery token and answers with the page to see next.</summary>
internal static class AccountForms
{
    public static void MapAccountForms(this WebApplication app)
    {
        app.MapPost(AccountPaths.SignOut, Guarded(SignOutAsync)).ExcludeFromDescription();
        app.MapPost(AccountPaths.Accept, Guarded(AcceptAsync)).WithMetadata(CredentialRateLimit.Metadata).ExcludeFromDescription();
    }

    /// <summary>Lets only requests pass that come from a page of this server: they carry its antiforgery token as a header or a field.</summary>
    public static RequestDelegate Guarded(RequestDelegate handle) => async http =>
    {
        http.Response.Headers.CacheControl = "no-cache, no-store";
        if (await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
        {
            await handle(http);
            return;
        }

        await RefusalPage.AnswerAsync(http, "Try again", OutOfDate);
    };

    /// <summary>The refusal of a form whose antiforgery token is not this person's, or none.</summary>
    public static SyncError OutOfDate { get; } =
        new(ErrorCode.InvalidParameter, "This page is out of date, perhaps because you have signed in or out since.") { Hint = "Go back, reload it and try again." };

    private static async Task SignOutAsync(HttpContext http)
    {
        await SessionCookie.SignOutAsync(http);
        http.Response.Redirect(AccountPaths.SignedOut);
    }

    private static async Task AcceptAsync(HttpContext http)
    {
        var engine = http.RequestServices.GetRequiredService<SyncEngine>();
        var secret = (await http.Request.ReadFormAsync(http.RequestAborted))["invitation"].ToString();
        var room = (await engine.Invitations.FindAsync(secret, http.RequestAborted)).Try(out var invitation, out _) ? invitation.Room : null;
        var accepted = await engine.Invitations.AcceptAsync(BrowserSession.Of(http.User, engine), secret, http.RequestAborted);
        // The page says why when it shows the invitation again.
        http.Response.Redirect(accepted.Error is null && room is not null
            ? AccountPaths.Room(room)
            : $"{AccountPaths.Register}?invitation={Uri.EscapeDataString(secret)}");
    }
}
