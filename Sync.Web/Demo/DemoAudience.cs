namespace Sync.Web.Demo;

/// <summary>
/// How many pages show the demo room, so that its agents rest while nobody watches. Thread-safe.
/// </summary>
internal sealed class DemoAudience
{
    private readonly Lock _lock = new();
    private int _watchers;
    private TaskCompletionSource _present = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Joins the audience; disposing the answer, any number of times, leaves it.</summary>
    public IDisposable Enter()
    {
        lock (_lock)
        {
            _watchers++;
            _present.TrySetResult();
        }

        return new Viewer(this);
    }

    /// <summary>Completes as soon as somebody watches: at once, when somebody does.</summary>
    public Task PresentAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _present.Task.WaitAsync(cancellationToken);
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_watchers == 0)
            {
                _present = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private sealed class Viewer(DemoAudience audience) : IDisposable
    {
        private DemoAudience? _audience = audience;

        public void Dispose() => Interlocked.Exchange(ref _audience, null)?.Leave();
    }
}
