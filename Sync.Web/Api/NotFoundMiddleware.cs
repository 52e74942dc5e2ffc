using System.Text.Json.Nodes;
using Sync.Cel.Syntax;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pages;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Answers requests that no endpoint takes: 404 with the endpoints near the path, 405 with the methods it has.</summary>
internal static class NotFoundMiddleware
{
    private const int Shown = 5;

    public static async Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        if (RawPath.Of(http).HasDotSegment())
        {
            await ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.InvalidId, "The path has a segment `.` or `..`.")
            {
                Hint = "Paths are not resolved: name the endpoint itself.",
            });
            return;
        }

        if (http.GetEndpoint() is null)
        {
            await AnswerNothingAsync(http);
            return;
        }

        await next(http);
        if (http.Response is not { HasStarted: false, ContentLength: null, ContentType: null })
        {
            return;
        }

        if (http.Response.StatusCode == StatusCodes.Status404NotFound)
        {
            // In development static files have a catch-all endpoint, which finds nothing in silence.
            await AnswerNothingAsync(http);
        }
        else if (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
        {
            var allowed = http.Response.Headers.Allow.ToString();
            await ApiResponse.WriteErrorAsync(
                http,
                new SyncError(ErrorCode.NotFound, $"This path does not take {http.Request.Method}.") { Hint = $"It takes {allowed}." }
                    .With("allow", new JsonArray([.. allowed.Split(", ").Select(method => (JsonNode)method)])),
                StatusCodes.Status405MethodNotAllowed);
        }
    }

    private static Task AnswerNothingAsync(HttpContext http) => TextResponse.IsWantedAsPage(http.Request)
        ? TextResponse.WriteAsync(http, StatusCodes.Status404NotFound, "text/html", PlainPage.NothingHere)
        : ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.NotFound, "There is nothing at this path.")
        {
            Hint = "See /llms.txt for the documentation and /openapi/v1.json for every endpoint.",
        }.With("endpoints", new JsonArray([.. Near(http.Request.Path.Value ?? "/")])));

    private static IEnumerable<JsonNode> Near(string path)
    {
        var asked = Segments(path);
        return ApiTable.All
            .Where(operation => operation.Method is not null)
            .Select(operation => (Operation: operation, Distance: Distance(asked, Segments(operation.Pattern))))
            .OrderBy(found => found.Distance)
            .Take(Shown)
            .Select(found => (JsonNode)$"{found.Operation.Method} {found.Operation.Pattern}");
    }

    // Segment by segment: a parameter fits anything, a slip of the pen costs less than another word, a missing segment costs most.
    private static int Distance(string[] asked, string[] pattern)
    {
        var distance = 3 * Math.Abs(asked.Length - pattern.Length);
        for (var i = 0; i < Math.Min(asked.Length, pattern.Length); i++)
        {
            distance += pattern[i] == asked[i] ? 0
                : pattern[i].StartsWith('{') ? 1
                : DidYouMean.Nearest(asked[i], [pattern[i]]) is not null ? 1
                : 4;
        }

        return distance;
    }

    private static string[] Segments(string path) => path.Split('/', 12, StringSplitOptions.RemoveEmptyEntries);
}
