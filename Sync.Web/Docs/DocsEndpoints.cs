using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Packs;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Pages;
using Sync.Web.Http.Requests;

namespace Sync.Web.Docs;

/// <summary>The documentation as it is, for programs. Its pages for people are those of <c>Components/Docs</c>.</summary>
internal static class DocsEndpoints
{
    private const string Markdown = "text/markdown";
    private const string Html = "text/html";
    private const string Png = "image/png";

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        Document("/SKILL.md", "skill", "How an agent uses this server", Markdown, SkillAsync, ErrorCode.NotFound),
        Document("/llms.txt", "llms", "The documentation as a list, for language models", "text/plain", LlmsAsync, ErrorCode.NotFound),
        Document("/reference/{**doc}", "reference", "A document as Markdown", Markdown, ReferenceAsync, ErrorCode.NotFound),
        Document("/docs/images/{image}", "docsImage", "A picture of the documentation", Png, ImageAsync, ErrorCode.NotFound),
    ];

    /// <summary>Services of the documentation.</summary>
    public static void AddDocs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DocsLibrary>();
        builder.Services.AddSingleton<DocsSearch>();
        builder.Services.AddSingleton<DocsArticles>();
    }

    private static ApiEndpoint Document(
        string pattern, string name, string summary, string mediaType, Func<ApiCall, Task<Outcome<ApiAnswer>>> handle, params ImmutableArray<ErrorCode> errors) => new()
        {
            Method = "GET",
            Pattern = pattern,
            Name = name,
            Group = "Documentation",
            Summary = summary,
            MediaType = mediaType,
            Authentication = Authentication.None,
            Errors = errors,
            Handle = handle,
        };

    private static Task<Outcome<ApiAnswer>> SkillAsync(ApiCall call) =>
        Library(call).Skill is { } text ? TextAsync(call, Markdown, text) : Missing(call, "SKILL");

    private static Task<Outcome<ApiAnswer>> LlmsAsync(ApiCall call) =>
        Library(call).Llms is { } text ? TextAsync(call, "text/plain", text) : Missing(call, "llms");

    private static Task<Outcome<ApiAnswer>> ReferenceAsync(ApiCall call) =>
        call.Path(0) == "pack.schema.json" ? TextAsync(call, "application/schema+json", PackService.Schema) :
        call.Path(0) is ['p', 'a', 'c', 'k', 's', '/', .. var name] && name.EndsWith(".json", StringComparison.Ordinal) && PackService.Document(name[..^5]) is { } pack ? TextAsync(call, "application/json", pack) :
        Library(call).Find(call.Path(0)) is { } file ? TextAsync(call, Markdown, file.Markdown) : Missing(call, call.Path(0));

    private static async Task<Outcome<ApiAnswer>> ImageAsync(ApiCall call)
    {
        // Only what the build put there has such a name.
        await using var image = typeof(DocsEndpoints).Assembly.GetManifestResourceStream("docs-images/" + call.Path(0));
        if (image is null)
        {
            return await Missing(call, call.Path(0));
        }

        var response = call.Http.Response;
        response.ContentType = Png;
        response.ContentLength = image.Length;
        response.Headers.CacheControl = "public, max-age=300";
        if (!HttpMethods.IsHead(call.Http.Request.Method))
        {
            await image.CopyToAsync(response.Body, call.Http.RequestAborted);
        }

        return ApiAnswer.AlreadyWritten;
    }

    private static Task<Outcome<ApiAnswer>> Missing(ApiCall call, string name)
    {
        if (TextResponse.IsWantedAsPage(call.Http.Request))
        {
            return PageMissingAsync(call);
        }

        var available = Library(call).All.Select(file => file.Slug).ToArray();
        var nearest = NearestName.Of(name, available);
        return Task.FromResult<Outcome<ApiAnswer>>(new SyncError(ErrorCode.NotFound, "There is no such document.")
        {
            Hint = nearest is null ? "See /llms.txt for all of them." : $"Did you mean '{nearest}'?",
        }.With("available", new JsonArray([.. available.Select(slug => (JsonNode)slug)])));
    }

    private static async Task<Outcome<ApiAnswer>> TextAsync(ApiCall call, string mediaType, string text)
    {
        await TextResponse.WriteAsync(call.Http, StatusCodes.Status200OK, mediaType, text);
        return ApiAnswer.AlreadyWritten;
    }

    private static async Task<Outcome<ApiAnswer>> PageMissingAsync(ApiCall call)
    {
        await TextResponse.WriteAsync(call.Http, StatusCodes.Status404NotFound, Html, PlainPage.NothingHere);
        return ApiAnswer.AlreadyWritten;
    }

    private static DocsLibrary Library(ApiCall call) => call.Http.RequestServices.GetRequiredService<DocsLibrary>();
}
