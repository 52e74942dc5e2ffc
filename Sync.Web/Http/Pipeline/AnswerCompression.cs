using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sync.Web.Http.Endpoints;

namespace Sync.Web.Http.Pipeline;

/// <summary>
/// Compresses the answers of operations that read, where they are long enough to be worth it. Whatever makes or shows a secret, pages and streams never pass here: see
/// docs/decisions/0024. Static files were compressed when they were built.
/// </summary>
internal sealed class AnswerCompression(IServiceProvider services, IOptions<ResponseCompressionOptions> options) : ResponseCompressionProvider(services, options)
{
    /// <summary>Shorter answers fit one packet as they are.</summary>
    public const int LeastBytes = 1_024;

    private static readonly string[] s_mediaTypes = ["application/json", "text/html", "text/plain", "text/markdown", "text/css"];

    public override bool ShouldCompressResponse(HttpContext context) => context.Response.ContentLength >= LeastBytes && base.ShouldCompressResponse(context);

    public static void Add(IServiceCollection services)
    {
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = s_mediaTypes;
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
        services.AddSingleton<IResponseCompressionProvider, AnswerCompression>();
    }

    public static void Use(IApplicationBuilder app)
    {
        app.UseWhen(static http => Takes(http) && !HttpMethods.IsHead(http.Request.Method), static compressed => compressed.UseResponseCompression());
        app.UseWhen(static http => Takes(http) && HttpMethods.IsHead(http.Request.Method), static headers => headers.Use(SayAsync));
    }

    private static bool Takes(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<ApiEndpoint>() is { IsCompressed: true };

    // HEAD writes no body that could be compressed, and its headers are those of one that is: its length is not known.
    private static Task SayAsync(HttpContext http, RequestDelegate next)
    {
        var provider = http.RequestServices.GetRequiredService<IResponseCompressionProvider>();
        if (provider.CheckRequestAcceptsCompression(http))
        {
            http.Response.OnStarting(() =>
            {
                if (provider.ShouldCompressResponse(http))
                {
                    var headers = http.Response.Headers;
                    headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
                    if (provider.GetCompressionProvider(http) is { } chosen)
                    {
                        headers.ContentEncoding = chosen.EncodingName;
                        headers.ContentLength = null;
                    }
                }

                return Task.CompletedTask;
            });
        }

        return next(http);
    }
}
