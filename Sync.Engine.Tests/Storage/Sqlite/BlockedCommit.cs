using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Tests.Storage.Sqlite;

/// <summary>Holds the log's next commit until let go; commits after it run freely.</summary>
internal sealed class BlockedCommit : IDisposable
{
    private readonly EventLog _log;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _go = new();

    public BlockedCommit(EventLog log)
    {
        _log = log;
        log.BeforeCommit = _ =>
        {
            _reached.TrySetResult();
            _go.Wait(TimeSpan.FromSeconds(30));
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
