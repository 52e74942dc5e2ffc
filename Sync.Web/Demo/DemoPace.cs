namespace Sync.Web.Demo;

/// <summary>
/// The demo's one clock: its agents act one at a time, about once a second between them, and only while somebody watches or the server has just
/// started, so that a room looked at for the first time is not empty.
/// </summary>
internal sealed class DemoPace(DemoAudience audience, TimeProvider time)
{
    private static readonly TimeSpan s_prelude = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly long _started = time.GetTimestamp();

    /// <summary>Completes when agents may be awake.</summary>
    public Task AwakeAsync(CancellationToken cancellationToken) =>
        time.GetElapsedTime(_started) < s_prelude ? Task.CompletedTask : audience.PresentAsync(cancellationToken);

    /// <summary>Completes when it is the caller's turn to act.</summary>
    public async Task TurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await AwakeAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(650, 1350)), time, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }
}
