using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Sync.Engine;
using Sync.Web.Api.Answers;
using Sync.Web.Docs;
using Sync.Web.Options;

namespace Sync.Web.Api.Pipeline;

/// <summary>
/// A token bucket per token, or per address for requests without a valid one: guessing tokens costs the guesser's address, not a fresh bucket per guess.
/// Pages and static files are not limited here,
/// except where a secret can be tried (<see cref="GuessLimited"/>).
/// </summary>
internal static class RateLimits
{
    private static readonly TimeSpan s_shortestPeriod = TimeSpan.FromMilliseconds(100);

    public static IServiceCollection AddRateLimits(this IServiceCollection services) =>
        services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, Key>(Partition);
            limiter.OnRejected = static (rejected, _) => new ValueTask(RefuseAsync(rejected.HttpContext, rejected.Lease));
        });

    private static RateLimitPartition<Key> Partition(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<GuessLimited>() is not null && !HttpMethods.IsGet(http.Request.Method))
        {
            return RateLimitPartition.GetTokenBucketLimiter(
                new Key(Token: null, Network(http.Connection.RemoteIpAddress), Guessing: true),
                _ => Bucket(http.RequestServices.GetRequiredService<SyncOptions>().Limits.GuessesPerSecond));
        }

        if (!IsOfTheApi(http.GetEndpoint()))
        {
            return RateLimitPartition.GetNoLimiter(default(Key));
        }

        var limits = http.RequestServices.GetRequiredService<SyncOptions>().Limits;
        return http.Features.Get<PresentedToken>() is { } presented
            && presented.Caller.Try(out var caller, out _)
            && caller.TokenId is { } token
                ? RateLimitPartition.GetTokenBucketLimiter(new Key(token, Address: null, Guessing: false), _ => Bucket(limits.RequestsPerSecond))
                : RateLimitPartition.GetTokenBucketLimiter(new Key(Token: null, Network(http.Connection.RemoteIpAddress), Guessing: false), _ => Bucket(limits.AnonymousRequestsPerSecond));
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

    // One customer usually holds a whole IPv6 /64.
    private static IPAddress Network(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return address ?? IPAddress.None;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private static Task RefuseAsync(HttpContext http, RateLimitLease lease)
    {
        var after = lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : TimeSpan.FromSeconds(1);
        return IsOfTheApi(http.GetEndpoint())
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

    private static bool IsOfTheApi(Endpoint? endpoint) => OpenEndpoint.Is(endpoint) || BearerEndpoint.Is(endpoint);

    private readonly record struct Key(string? Token, IPAddress? Address, bool Guessing);
}
