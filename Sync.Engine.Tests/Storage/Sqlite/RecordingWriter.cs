using Sync.Engine.Storage;

namespace Sync.Engine.Tests.Storage.Sqlite;

/// <summary>A room's writer that appends one event after another, without waiting for answers, and writes down what it is told.</summary>
internal sealed class RecordingWriter(IRoomLog log, long room, long epoch)
{
    private readonly Lock _lock = new();
    private readonly List<long> _durable = [];
    private readonly List<AppendResult> _failures = [];
    private readonly List<(Func<RecordingWriter, bool> Condition, TaskCompletionSource Done)> _waiting = [];

    public long Room { get; } = room;

    public long Epoch { get; } = epoch;

    /// <summary>Called on the log's thread with the number of a durable event.</summary>
    public Action<long>? OnDurable { get; set; }

    /// <summary>Numbers of durable events, in the order of the answers.</summary>
    public IReadOnlyList<long> Durable
    {
        get
        {
            lock (_lock)
            {
                return [.. _durable];
            }
        }
    }

    public IReadOnlyList<AppendResult> Failures
    {
        get
        {
            lock (_lock)
            {
                return [.. _failures];
            }
        }
    }

    public void Send(long seq, LogEvent e) => _ = SendAsync(seq, e);

    public Task UntilDurableAsync(int count) => UntilAsync(writer => writer._durable.Count >= count);

    public Task UntilFailedAsync(int count) => UntilAsync(writer => writer._failures.Count >= count);

    private async Task SendAsync(long seq, LogEvent e)
    {
        var result = await log.AppendAsync(Room, Epoch, seq - 1, [e]).ConfigureAwait(false);
        try
        {
            if (result.Status == AppendStatus.Committed)
            {
                OnDurable?.Invoke(seq);
            }
        }
        finally
        {
            lock (_lock)
            {
                if (result.Status == AppendStatus.Committed)
                {
                    _durable.Add(seq);
                }
                else
                {
                    _failures.Add(result);
                }

                foreach (var (condition, done) in _waiting)
                {
                    if (condition(this))
                    {
                        done.TrySetResult();
                    }
                }
            }

            log.Release(1);
        }
    }

    private async Task UntilAsync(Func<RecordingWriter, bool> condition)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((condition, done));
            if (condition(this))
            {
                done.TrySetResult();
            }
        }

        await done.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}

/// <summary>An event that a test appends.</summary>
internal sealed record TestAppend(RecordingWriter Writer, long Seq, LogEvent Event);
