namespace Sync.Engine.Primitives.Concurrency;

/// <summary>A lock that may be held over an await, by one at a time. Not re-entrant.</summary>
internal sealed class AsyncLock
{
    private readonly SemaphoreSlim _free = new(1);

    /// <summary>Whether somebody holds it, for tests of what comes in between.</summary>
    public bool IsHeld => _free.CurrentCount == 0;

    /// <summary>Waits for the lock, which is held until the answer is disposed.</summary>
    public async Task<IDisposable> AcquireAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Held(_free);
    }

    private sealed class Held(SemaphoreSlim free) : IDisposable
    {
        private SemaphoreSlim? _free = free;

        // Disposed twice, it gives back once.
        public void Dispose() => Interlocked.Exchange(ref _free, null)?.Release();
    }
}
