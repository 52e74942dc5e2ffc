using System.Threading.Tasks.Sources;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// An append on its way to disk. Used again once it is answered and the answer is taken, so that a room that writes one event after another allocates none of them. Continuations run on the
/// log's thread: a hop to the pool would put off the room's next append by as much, and the room leaves that thread by itself.
/// </summary>
internal sealed class LogAppend(EventLog log) : IValueTaskSource<AppendResult>
{
    private ManualResetValueTaskSourceCore<AppendResult> _answer;

    public long Room { get; private set; }

    public long Epoch { get; private set; }

    public long ExpectedSeq { get; private set; }

    public IReadOnlyList<LogEvent> Events { get; private set; } = [];

    /// <summary>What becomes of it if the transaction commits. Written and read by the log's thread only.</summary>
    public AppendStatus Status { get; set; }

    /// <summary>Takes up a new append; its answer comes with the task.</summary>
    public ValueTask<AppendResult> Begin(long room, long epoch, long expectedSeq, IReadOnlyList<LogEvent> events)
    {
        Room = room;
        Epoch = epoch;
        ExpectedSeq = expectedSeq;
        Events = events;
        return new ValueTask<AppendResult>(this, _answer.Version);
    }

    public void Answer(AppendResult result)
    {
        // Whoever continues may change the list.
        Events = [];
        _answer.SetResult(result);
    }

    AppendResult IValueTaskSource<AppendResult>.GetResult(short token)
    {
        var result = _answer.GetResult(token);
        _answer.Reset();
        log.Return(this);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<AppendResult>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<AppendResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
