using Microsoft.Extensions.Logging;
using Sync.Engine.Persistence;

namespace Sync.Engine;

/// <summary>
/// Removes what has been dead long enough that nobody asks for it: at the start and then every hour, in the background. Nothing depends on it but the size
/// of the tables: what is dead is refused whether it has a row or not.
/// </summary>
internal sealed partial class Pruning : IAsyncDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromHours(1);

    // A device that polls late is still told what became of its flow.
    private static readonly TimeSpan s_grantsKept = TimeSpan.FromDays(1);

    private readonly AccessTable _access;
    private readonly GrantStore _grants;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public Pruning(AccessTable access, GrantStore grants, TimeProvider time, ILogger logger)
    {
        _access = access;
        _grants = grants;
        _time = time;
        _logger = logger;
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Stops; the database must still be open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_every, _time);
        while (true)
        {
            try
            {
                await _access.PruneAsync(stop).ConfigureAwait(false);
                await _grants.PruneAsync(_time.GetUtcNow() - s_grantsKept, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The next hour tries again.
                LogFailed(failure);
            }

            try
            {
                await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dead tokens and grants could not be removed.")]
    private partial void LogFailed(Exception failure);
}
