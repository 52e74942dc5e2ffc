using System.Threading.RateLimiting;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pages;
using Sync.Web.Options;

namespace Sync.Web.Http.Pipeline;

/// <summary>
/// A token bucket per token, or per address for requests without a valid one. Pages and static files are not limited here, except where a secret can be tried
/// (<see cref="CredentialRateLimit"/>); nor is health, which a balancer asks for from the address of everybody behind it.
/// </summary>
internal static class RateLimits
{
    private static readonly TimeSpan s_shortestPeriod = TimeSpan.FromMilliseconds(100);

    public static IServiceCollection AddRateLimits(this IServiceCollection services) =>
        services
            .AddSingleton(static provider => new AnswerBudget(provider.GetRequiredService<SyncOptions>().Limits.AnswerBytesPerSecond, provider.GetRequiredService<TimeProvider>()))
            .AddRateLimiter(static limiter =>
        {
            // How often, and how much at once: what is slow to answer holds memory while it is.
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, Key>(InFlight),
                PartitionedRateLimiter.Create<HttpContext, Key>(Partition));
            limiter.OnRejected = static (rejected, _) => new ValueTask(RefuseAsync(rejected.HttpContext, rejected.Lease));
        });

    private static RateLimitPartition<Key> Partition(HttpContext http)
    {
        var limits = http.RequestServices.GetRequiredService<SyncOptions>().Limits;
        if (http.GetEndpoint()?.Metadata.GetMetadata<CredentialRateLimit>() is not null && !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            return RateLimitPartition.GetTokenBucketLimiter(new Key(ClientKey.OfNetwork(http), Guessing: true), _ => Bucket(limits.GuessesPerSecond));
        }

        if (!EndpointKinds.Of(http).IsLimited())
        {
            return RateLimitPartition.GetNoLimiter(default(Key));
        }

        var client = ClientKey.Of(http);
        return RateLimitPartition.GetTokenBucketLimiter(new Key(client, Guessing: false), _ => Bucket(client.Token is null ? limits.AnonymousRequestsPerSecond : limits.RequestsPerSecond));
    }

    private static RateLimitPartition<Key> InFlight(HttpContext http)
    {
        if (!EndpointKinds.Of(http).IsLimited())
        {
            return RateLimitPartition.GetNoLimiter(default(Key));
        }

        var max = http.RequestServices.GetRequiredService<SyncOptions>().Limits.RequestsInFlight;
        return RateLimitPartition.GetConcurrencyLimiter(new Key(ClientKey.Of(http), Guessing: false), _ => new ConcurrencyLimiterOptions { PermitLimit = max, QueueLimit = 0 });
    }

    // Refilled ten times a second, or as often as one request is due where that is more seldom.
    private static TokenBucketRateLimiterOptions Bucket(int perSecond)
    {
        var perPeriod = Math.Max(1, (int)(perSecond * s_shortestPeriod.TotalSeconds));
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond * 2,
            TokensPerPeriod = perPeriod,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)perPeriod / perSecond),
            AutoReplenishment = true,
            QueueLimit = 0,
        };
    }

    private static Task RefuseAsync(HttpContext http, RateLimitLease lease)
    {
        if (!lease.TryGetMetadata(MetadataName.RetryAfter, out var after))
        {
            // Only a limit on how much is under way has no time after which it is over.
            var max = http.RequestServices.GetRequiredService<SyncOptions>().Limits.RequestsInFlight;
            return ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.RateLimited, $"This token, or your address without one, has {max} requests under way, which is as many as it may.")
            {
                Hint = "Let some of them end first. One wait with a condition that says 'or' does for several.",
                RetryAfter = TimeSpan.FromSeconds(1),
            }.With("limit", "requests").With("of", "token").With("most", max));
        }

        return EndpointKinds.Of(http).IsForPrograms()
            ? ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.RateLimited, "Too many requests.")
            {
                Hint = "Wait as long as Retry-After says. To follow a room, use wait or events instead of polling.",
                RetryAfter = after,
            })
            : RefusalPage.AnswerAsync(http, "Too many tries", new SyncError(ErrorCode.RateLimited, "There were too many tries from your network.")
            {
                Hint = "Wait a few seconds, then go back and try again.",
                RetryAfter = after,
            });
    }

    private readonly record struct Key(ClientKey Client, bool Guessing);
}
