namespace Sync.Engine;

/// <summary>Parked conditions.</summary>
public sealed class WaitDoor
{
    /// <summary>
    /// Answers when <paramref name="condition"/> is true, or with the time-out form after <paramref name="timeout"/> (null = the longest allowed). While parked it
    /// costs nothing; cancelling frees it at once.
    /// </summary>
    /// <returns>The whole answer as UTF-8 JSON.</returns>
    public Task<Outcome<ReadOnlyMemory<byte>>> WaitAsync(Caller caller, string room, string condition, TimeSpan? timeout, ContextShape shape, CancellationToken cancellationToken) => throw new InvalidOperationException();
}
