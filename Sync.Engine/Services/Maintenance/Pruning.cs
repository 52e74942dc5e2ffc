using Microsoft.Extensions.Logging;
using Sync.Engine.Authority;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Maintenance;

/// <summary>
/// Removes what has been dead long enough that nobody asks for it: at the start and then every hour, in the background. Nothing depends on it but the size
/// of the tables: what is dead is refused whether it has a row or not.
/// </summary>
internal sealed class Pruning : IAsyncDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromHours(1);

    // A device that polls late still learns what became of its flow.
    private static readonly TimeSpan s_grantsKept = TimeSpan.FromDays(1);

    private readonly IdentityCache _access;
    private readonly GrantStore _grants;
    private readonly TimeProvider _time;
    private readonly BackgroundLoop _loop;

    public Pruning(IdentityCache access, GrantStore grants, TimeProvider time, ILogger logger, HealthRegistry health)
    {
        _access = access;
        _grants = grants;
        _time = time;
        _loop = BackgroundLoop.Start(
            new BackgroundLoopOptions { Name = "pruning", Every = s_every, StartsAtOnce = true, Time = time, Logger = logger, Health = health },
            PruneAsync);
    }

    /// <summary>Stops; the database must still be open.</summary>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task PruneAsync(CancellationToken stop)
    {
        await _access.Tokens.PruneAsync(stop).ConfigureAwait(false);
        await _grants.PruneAsync(_time.GetUtcNow() - s_grantsKept, stop).ConfigureAwait(false);
    }
}
