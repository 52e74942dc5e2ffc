using Sync.Engine.Persistence;

namespace Sync.Engine.Tests.Persistence;

/// <summary>A room's side of the log that writes down what it is told.</summary>
internal sealed class RecordingSink : ILogSink
{
    private readonly Lock _gate = new();
    private readonly List<LogAppend> _durable = [];
    private readonly List<(int Epoch, Exception Cause)> _failures = [];
    private readonly List<(Func<RecordingSink, bool> Condition, TaskCompletionSource Done)> _waiting = [];

    public Action<IReadOnlyList<LogAppend>>? OnDurable { get; set; }

    public IReadOnlyList<LogAppend> DurableAppends
    {
        get
        {
            lock (_gate)
            {
                return [.. _durable];
            }
        }
    }

    public IReadOnlyList<(int Epoch, Exception Cause)> Failures
    {
        get
        {
            lock (_gate)
            {
                return [.. _failures];
            }
        }
    }

    public int Callbacks { get; private set; }

    public void Durable(IReadOnlyList<LogAppend> appends)
    {
        OnDurable?.Invoke(appends);
        lock (_gate)
        {
            Callbacks++;
            _durable.AddRange(appends);
            CheckNeedsLock();
        }
    }

    public void Failed(int epoch, Exception cause)
    {
        lock (_gate)
        {
            _failures.Add((epoch, cause));
            CheckNeedsLock();
        }
    }

    public Task UntilDurableAsync(int count) => UntilAsync(sink => sink._durable.Count >= count);

    public Task UntilFailedAsync(int count) => UntilAsync(sink => sink._failures.Count >= count);

    private async Task UntilAsync(Func<RecordingSink, bool> condition)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((condition, done));
            CheckNeedsLock();
        }

        await done.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private void CheckNeedsLock()
    {
        foreach (var (condition, done) in _waiting)
        {
            if (condition(this))
            {
                done.TrySetResult();
            }
        }
    }
}
