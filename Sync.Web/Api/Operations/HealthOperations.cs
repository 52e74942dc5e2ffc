using System.Collections.Immutable;
using System.Reflection;
using Sync.Engine;
using Sync.Web.Api.Answers;
using Sync.Web.Api.Requests;

namespace Sync.Web.Api.Operations;

/// <summary>Whether the server lives and serves. The data folder is open before the server listens, so who answers is ready until it stops.</summary>
internal static class HealthOperations
{
    private static readonly string s_version =
        typeof(HealthOperations).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static ImmutableArray<ApiOperation> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/health", Name = "health", Group = "Server",
            Summary = "Whether the server serves, and which version it is",
            Answer = "Health", Authentication = Authentication.None, Errors = [ErrorCode.Unavailable],
            Handle = ReadyAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/health/live", Name = "healthLive", Group = "Server",
            Summary = "Whether the process answers",
            Answer = "Health", Authentication = Authentication.None,
            Handle = static _ => Task.FromResult<Outcome<ApiAnswer>>(Healthy()),
        },
        new()
        {
            Method = "GET", Pattern = "/health/ready", Name = "healthReady", Group = "Server",
            Summary = "Whether the server takes requests: `503` from the moment it begins to stop",
            Answer = "Health", Authentication = Authentication.None, Errors = [ErrorCode.Unavailable],
            Handle = ReadyAsync,
        },
    ];

    private static Task<Outcome<ApiAnswer>> ReadyAsync(ApiCall call) => Task.FromResult(
        call.Http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested
            ? Ending.Refusal
            : (Outcome<ApiAnswer>)Healthy());

    private static ApiAnswer Healthy() => ApiAnswer.Of(new HealthJson("ok", s_version), ApiJson.Default.HealthJson);
}
