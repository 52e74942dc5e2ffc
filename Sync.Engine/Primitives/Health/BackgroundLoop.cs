using Microsoft.Extensions.Logging;

namespace Sync.Engine.Primitives.Health;

/// <summary>The settings of a <see cref="BackgroundLoop"/>.</summary>
public sealed record BackgroundLoopOptions
{
    /// <summary>What the loop is called in the log and in the <see cref="HealthRegistry"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Time between the turns; null for a loop whose turns wait for their own work.</summary>
    public required TimeSpan? Every { get; init; }

    /// <summary>Whether the first turn is taken at once and not after <see cref="Every"/>.</summary>
    public bool StartsAtOnce { get; init; }

    /// <summary>Whether a server on which this loop fails should get no requests.</summary>
    public bool IsEssential { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where failures are logged.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Where failures are reported.</summary>
    public required HealthRegistry Health { get; init; }
}

/// <summary>
/// Work that goes on in the background: turn after turn until it is disposed. A turn that throws, whatever it throws, is logged and reported, and the next one
/// comes after a rest that doubles with each failure in a row. Only the loop's own token ends it: a cancellation that comes from elsewhere is a failure like any other.
/// </summary>
public sealed partial class BackgroundLoop : IAsyncDisposable
{
    private static readonly TimeSpan s_shortestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRest = TimeSpan.FromMinutes(1);

    private readonly BackgroundLoopOptions _options;
    private readonly Func<CancellationToken, Task<bool>> _turn;
    private readonly HealthComponent _health;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _disposed;

    private BackgroundLoop(BackgroundLoopOptions options, Func<CancellationToken, Task<bool>> turn)
    {
        _options = options with { Logger = NonThrowingLogger.Over(options.Logger) };
        _turn = turn;
        _health = options.Health.Component(options.Name, options.IsEssential);
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Completes when the loop has ended, without a failure.</summary>
    public Task Ended => _running;

    /// <summary>Starts a loop.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="turn">One turn; its token is cancelled when the loop is to end.</param>
    public static BackgroundLoop Start(BackgroundLoopOptions options, Func<CancellationToken, Task> turn) =>
        new(options, async stop =>
        {
            await turn(stop).ConfigureAwait(false);
            return true;
        });

    /// <summary>Starts a loop that ends by itself after the turn that answers false.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="turn">One turn; false when there is nothing left to do.</param>
    public static BackgroundLoop StartWhile(BackgroundLoopOptions options, Func<CancellationToken, Task<bool>> turn) => new(options, turn);

    /// <summary>How long a loop rests after so many failures in a row.</summary>
    public static TimeSpan RestAfter(int failures)
    {
        var rest = s_shortestRest * Math.Pow(2, Math.Min(failures - 1, 10));
        return rest < s_longestRest ? rest : s_longestRest;
    }

    /// <summary>Ends the loop, and waits for the turn under way.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        // Made before anything is awaited: a tick that falls into a turn is not lost.
        using var timer = _options.Every is { } every ? new PeriodicTimer(every, _options.Time) : null;
        var waits = !_options.StartsAtOnce;
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (failures > 0)
                {
                    await Task.Delay(RestAfter(failures), _options.Time, stop).ConfigureAwait(false);
                }
                else if (timer is null)
                {
                    // A turn that never awaits must not keep whoever started the loop.
                    await Task.Yield();
                }
                else if (waits)
                {
                    await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
                }

                waits = true;
                var goesOn = await _turn(stop).ConfigureAwait(false);
                failures = 0;
                _health.Succeeded();
                if (!goesOn)
                {
                    return;
                }
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                // Whatever a turn says while it is being ended, it has ended.
                return;
            }
            catch (Exception failure)
            {
                failures++;
                _health.Failed();
                LogFailed(_options.Logger, failure, _options.Name, failures);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The background loop '{Loop}' failed, {Failures} times in a row; it goes on after a rest.")]
    private static partial void LogFailed(ILogger logger, Exception failure, string loop, int failures);
}
