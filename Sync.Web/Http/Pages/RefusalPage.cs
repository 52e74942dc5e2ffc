using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;

namespace Sync.Web.Http.Pages;

/// <summary>A refusal as a plain page, for a person whose browser shows whatever comes: the answer to a form, or to a link.</summary>
internal static class RefusalPage
{
    /// <summary>Whether the browser will show the answer. Scripts and programs take JSON, or anything.</summary>
    public static bool IsWanted(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>The refusal in the form that is wanted.</summary>
    public static Task AnswerAsync(HttpContext http, string title, SyncError error) =>
        IsWanted(http.Request) ? WriteAsync(http, title, error) : ApiResponse.WriteErrorAsync(http, error);

    /// <summary>The refusal as a page.</summary>
    public static Task WriteAsync(HttpContext http, string title, SyncError error)
    {
        ApiResponse.SetRetryAfter(http.Response, error);
        return TextResponse.WriteAsync(
            http,
            ErrorStatus.Of(error.Code.Kind),
            "text/html",
            PlainPage.Refusal(title, error.HintFor(PageSteps.Instance) is { } hint ? $"{error.Message} {hint}" : error.Message));
    }
}
