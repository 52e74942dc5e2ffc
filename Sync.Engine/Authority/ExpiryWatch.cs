using Microsoft.Extensions.Logging;
using Sync.Engine.Primitives.Health;

namespace Sync.Engine.Authority;

/// <summary>
/// One timer for all tokens that expire: calls back when one does, so that what hangs on it ends then and not at the next
/// request. Thread-safe; the callback runs outside the lock, and what it throws is logged and reported.
/// </summary>
internal sealed partial class ExpiryWatch : IDisposable
{
    // The timer's own range ends at about 49 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<string, DateTimeOffset> _due = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HealthComponent _health;
    private readonly Action<IReadOnlyList<string>> _expired;
    private readonly ITimer _timer;

    public ExpiryWatch(TimeProvider time, ILogger logger, HealthRegistry health, Action<IReadOnlyList<string>> expired)
    {
        _time = time;
        _logger = logger;
        _health = health.Component("expiry of tokens", isEssential: false);
        _expired = expired;
        _timer = time.CreateTimer(static state => ((ExpiryWatch)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(string tokenId, DateTimeOffset expiresAt)
    {
        lock (_lock)
        {
            _due.Enqueue(tokenId, expiresAt);
            if (_due.Peek() == tokenId)
            {
                ArmNeedsLock();
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        List<string> expired = [];
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            while (_due.TryPeek(out var id, out var at) && at <= now)
            {
                expired.Add(id);
                _due.Dequeue();
            }

            ArmNeedsLock();
        }

        if (expired.Count == 0)
        {
            return;
        }

        try
        {
            _expired(expired);
            _health.Succeeded();
        }
        catch (Exception failure)
        {
            // On a timer's thread an exception would end the process. The tokens are refused at their next use all the same.
            _health.Failed();
            LogFailed(failure);
        }
    }

    private void ArmNeedsLock()
    {
        if (_due.TryPeek(out _, out var at))
        {
            var wait = at - _time.GetUtcNow();
            _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > s_longest ? s_longest : wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What hangs on expired tokens could not be ended.")]
    private partial void LogFailed(Exception failure);
}
