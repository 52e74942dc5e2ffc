using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime;

/// <summary>Holds the log's next commit until let go, and then lets it fail, as often as it is tried; commits of other appends run freely.</summary>
internal sealed class FailingCommit : IDisposable
{
    private readonly EventLog _log;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _go = new();
    private HashSet<LogEvent>? _failing;

    public FailingCommit(EventLog log)
    {
        _log = log;
        log.BeforeCommit = appends =>
        {
            _failing ??= [.. appends.Select(static append => append.Event)];
            if (!appends.Any(append => _failing.Contains(append.Event)))
            {
                return;
            }

            _reached.TrySetResult();
            _go.Wait(TimeSpan.FromSeconds(30));
            throw new IOException("disk full");
        };
    }

    public Task ReachedAsync() => _reached.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    public void LetGo() => _go.Set();

    public void Dispose()
    {
        _log.BeforeCommit = null;
        _go.Set();
    }
}
