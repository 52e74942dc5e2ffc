using Microsoft.AspNetCore.Cors.Infrastructure;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pipeline;
using Sync.Web.Options;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// CORS of <c>/mcp</c>: what pages of an allowed origin (<see cref="OriginRule"/>) may send, and which headers of the answers they may read. Others are refused, the question before a request
/// (preflight) as well. It stands before authentication: a preflight has no token, and a page must be able to read a refusal.
/// </summary>
internal static class McpCors
{
    private const string Policy = "mcp";

    private static readonly TimeSpan s_preflightAge = TimeSpan.FromHours(2);

    public static void AddMcpCors(this IServiceCollection services) =>
        services.AddOptions<CorsOptions>().Configure<SyncOptions, ServerAddress>(static (cors, sync, address) => cors.AddPolicy(Policy, policy => policy
            .SetIsOriginAllowed(origin => OriginRule.AllowsOrigin(origin, address, sync))
            .WithMethods("GET", "POST", "DELETE")

            // Clients of 2026-07-28 name tools and arguments in headers (`Mcp-Param-…`), of which there is no end.
            .AllowAnyHeader()
            .WithExposedHeaders(McpHeaders.Session, ProtocolVersions.Header, "WWW-Authenticate", "Retry-After", "Allow")
            .SetPreflightMaxAge(s_preflightAge)));

    public static void UseMcpCors(this IApplicationBuilder app) =>
        app.UseWhen(static http => EndpointKinds.Of(http) == EndpointKind.Mcp, static mcp =>
        {
            mcp.Use(RefuseAsync);
            mcp.UseCors(Policy);
        });

    private static Task RefuseAsync(HttpContext http, RequestDelegate next) =>
        OriginRule.Allows(http.Request, http.RequestServices.GetRequiredService<ServerAddress>(), http.RequestServices.GetRequiredService<SyncOptions>())
            ? next(http)
            : ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.ScopeDenied, "This origin or host name may not use /mcp.")
            {
                Hint = "Connect with a program, under the server's own name. Whoever runs the server allows pages of other origins with Sync__BrowserOrigins, and sets its own name with Sync__PublicUrl.",
            });
}
