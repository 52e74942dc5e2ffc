using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pages;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Answers requests that no endpoint takes: 404 with the endpoints near the path, 405 with the methods it has.</summary>
internal static class NotFoundMiddleware
{
    // What the catch-all endpoint of static files takes: another method at a path where there is nothing.
    private const string StaticFiles = "GET, HEAD";

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

        if (McpNeighbours.IsMeant(http))
        {
            await ApiResponse.WriteErrorAsync(http, McpNeighbours.Refusal);
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
            if (allowed == StaticFiles && !NearbyCalls.IsEndpoint(PathOf(http)))
            {
                http.Response.Headers.Remove("Allow");
                await AnswerNothingAsync(http);
                return;
            }

            var advice = NearbyCalls.Advice(http.Request.Method, PathOf(http));
            await ApiResponse.WriteErrorAsync(
                http,
                new SyncError(ErrorCode.NotFound, $"This path does not take {http.Request.Method}.") { Hint = advice is null ? $"It takes {allowed}." : $"It takes {allowed}. {advice}" }
                    .With("allow", new JsonArray([.. allowed.Split(", ").Select(method => (JsonNode)method)])),
                StatusCodes.Status405MethodNotAllowed);
        }
    }

    private static Task AnswerNothingAsync(HttpContext http) => TextResponse.IsWantedAsPage(http.Request)
        ? TextResponse.WriteAsync(http, StatusCodes.Status404NotFound, "text/html", PlainPage.NothingHere)
        : ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.NotFound, "There is nothing at this path.")
        {
            Hint = NearbyCalls.Advice(http.Request.Method, PathOf(http), http.Request.Query["key"]) ?? "See /llms.txt for the documentation and /openapi/v1.json for every endpoint.",
        }.With("endpoints", new JsonArray([.. NearbyCalls.Near(PathOf(http)).Select(static call => (JsonNode)call)])));

    private static string PathOf(HttpContext http) => http.Request.Path.Value ?? "/";
}
