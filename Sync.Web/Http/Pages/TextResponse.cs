using System.Text;

namespace Sync.Web.Http.Pages;

/// <summary>Writes a text with its length and the policy of the documentation's pages.</summary>
internal static class TextResponse
{
    /// <summary>Whether a person navigates: browsers name HTML then; programs that would take anything say */*.</summary>
    public static bool IsWantedAsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static async Task WriteAsync(HttpContext http, int status, string mediaType, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(mediaType == "text/html" ? PlainPage.Under(text, http.Request.PathBase) : text);
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = mediaType + "; charset=utf-8";
        response.ContentLength = bytes.Length;
        response.Headers.ContentSecurityPolicy = PlainPage.ContentSecurityPolicy;
        response.Headers.CacheControl = status == StatusCodes.Status200OK ? "public, max-age=300" : "no-store";
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.Body.WriteAsync(bytes, http.RequestAborted);
        }
    }
}
