using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Services;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Whether the server lives and serves. The data folder is open before the server listens, so who answers is ready until it stops.</summary>
internal static class HealthEndpoints
{
    private static readonly string s_version =
        typeof(HealthEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/health", Name = "health", Group = "Server",
            Summary = "Whether the server serves, and which version it is",
            Answer = "Health", Authentication = Authentication.None, IsRateLimited = false, Errors = [ErrorCode.Unavailable],
            Handle = ReadyAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/health/live", Name = "healthLive", Group = "Server",
            Summary = "Whether the process answers",
            Answer = "Health", Authentication = Authentication.None, IsRateLimited = false,
            Handle = static _ => Task.FromResult<Outcome<ApiAnswer>>(Healthy()),
        },
        new()
        {
            Method = "GET", Pattern = "/health/ready", Name = "healthReady", Group = "Server",
            Summary = "Whether the server takes requests: `503` from the moment it begins to stop, and while a part fails that it cannot do without",
            Answer = "Health", Authentication = Authentication.None, IsRateLimited = false, Errors = [ErrorCode.Unavailable],
            Handle = ReadyAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> ReadyAsync(ApiCall call)
    {
        var services = call.Http.RequestServices;
        if (services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            return ShutdownToken.Refusal;
        }

        var engine = services.GetRequiredService<SyncEngine>();
        await engine.CheckDiskAsync();
        return engine.Health.IsReady ? Healthy() : Failing(engine.Health);
    }

    // Names of parts only: whoever asks needs no token, and what went wrong is in the server's log.
    private static SyncError Failing(HealthRegistry health)
    {
        var names = health.Failing.Where(static part => part.IsEssential).Select(static part => part.Name).ToList();
        return new SyncError(ErrorCode.Unavailable, $"A part of the server fails: {string.Join(", ", names)}.")
        {
            Hint = "The server's log says why. It goes on trying by itself.",
            RetryAfter = TimeSpan.FromSeconds(5),
        }.With("failing", new JsonArray([.. names.Select(static name => (JsonNode)name)]));
    }

    private static ApiAnswer Healthy() => ApiAnswer.Of(new HealthJson("ok", s_version), ApiJson.Default.HealthJson);
}
