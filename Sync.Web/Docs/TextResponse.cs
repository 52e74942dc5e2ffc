using System.Text;

namespace Sync.Web.Docs;

/// <summary>Writes a text with its length and the policy of the documentation's pages.</summary>
internal static class TextResponse
{
    public static async Task WriteAsync(HttpContext http, int status, string mediaType, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = mediaType + "; charset=utf-8";
        response.ContentLength = bytes.Length;
        response.Headers.ContentSecurityPolicy = DocsPage.ContentSecurityPolicy;
        response.Headers.CacheControl = status == StatusCodes.Status200OK ? "public, max-age=300" : "no-store";
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.Body.WriteAsync(bytes, http.RequestAborted);
        }
    }
}
