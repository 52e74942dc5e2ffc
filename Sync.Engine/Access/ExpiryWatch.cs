namespace Sync.Engine;

/// <summary>
/// One timer for all tokens that expire: calls back when one does, so that what hangs on it ends then and not at the next
/// request. Thread-safe; the callback runs outside the lock.
/// </summary>
internal sealed class ExpiryWatch : IDisposable
{
    // The timer's own range ends at about 49 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<string, DateTimeOffset> _due = new();
    private readonly TimeProvider _time;
    private readonly Action<IReadOnlyList<string>> _expired;
    private readonly ITimer _timer;

    public ExpiryWatch(TimeProvider time, Action<IReadOnlyList<string>> expired)
    {
        _time = time;
        _expired = expired;
        _timer = time.CreateTimer(static state => ((ExpiryWatch)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(string tokenId, DateTimeOffset expiresAt)
    {
        lock (_gate)
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
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            while (_due.TryPeek(out var id, out var at) && at <= now)
            {
                expired.Add(id);
                _due.Dequeue();
            }

            ArmNeedsLock();
        }

        if (expired.Count > 0)
        {
            _expired(expired);
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
}
