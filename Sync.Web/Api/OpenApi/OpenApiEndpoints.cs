using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api.OpenApi;

/// <summary>Serves the API's description of itself.</summary>
internal static class OpenApiEndpoints
{
    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/openapi/v1.json", Name = "openApi", Group = "Server",
            Summary = "This document",
            Answer = "OpenApiDocument", Authentication = Authentication.None,
            Handle = ServeAsync,
        },
    ];

    private static Task<Outcome<ApiAnswer>> ServeAsync(ApiCall call) =>
        Task.FromResult<Outcome<ApiAnswer>>(ApiAnswer.Of(call.Http.RequestServices.GetRequiredService<OpenApiDocument>().Json));
}
