using Sync.Web.Http.Pages;

namespace Sync.Web.OAuth;

/// <summary>What a person sees when an authorisation cannot go on, and the client cannot be told: a page of this server, never a redirect.</summary>
internal static class OAuthPage
{
    public static Task RefuseAsync(HttpContext http, string sentence) =>
        TextResponse.WriteAsync(http, StatusCodes.Status400BadRequest, "text/html", PlainPage.Refusal("This cannot be allowed", sentence));
}
