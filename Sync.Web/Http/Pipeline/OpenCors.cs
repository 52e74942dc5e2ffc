using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Sync.Web.Http.Pipeline;

/// <summary>
/// The API is open to pages of every origin: it knows bearer tokens only, never cookies, so another site's page can do nothing that its own server could not.
/// The server's own pages, which do have cookies, are not opened.
/// </summary>
internal static class OpenCors
{
    private static readonly TimeSpan s_preflightAge = TimeSpan.FromHours(2);

    public static IServiceCollection AddOpenCors(this IServiceCollection services) => services.AddCors(cors => cors.AddDefaultPolicy(Allow));

    public static IApplicationBuilder UseOpenCors(this IApplicationBuilder app) => app.UseWhen(IsOpen, api => api.UseCors());

    // A preflight has no route endpoint of its own: OPTIONS is nobody's method.
    private static bool IsOpen(HttpContext http) => EndpointKinds.Of(http).IsOpenToOrigins();

    private static void Allow(CorsPolicyBuilder policy) => policy
        .AllowAnyOrigin()
        .WithMethods("GET", "HEAD", "POST", "PATCH", "DELETE")
        .WithHeaders("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "MCP-Protocol-Version")
        .WithExposedHeaders("ETag", "Idempotent-Replay", "Location", "Retry-After", "WWW-Authenticate")
        .SetPreflightMaxAge(s_preflightAge);
}
