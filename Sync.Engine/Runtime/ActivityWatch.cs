using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Rooms;

namespace Sync.Engine.Runtime;

/// <summary>
/// What keeps a list of rooms current: a signal that something has happened in a room its caller reads, or to the list itself. It says that, not
/// what, so one that looks rarely costs little. Any thread; one list each.
/// </summary>
public sealed class ActivityWatch : IActivityListener, IDisposable
{
    private readonly ActivityWatches _all;
    private readonly AccessDependent _access;
    private readonly Func<RoomRecord, bool> _reads;
    private TaskCompletionSource _changed = New();

    internal ActivityWatch(ActivityWatches all, AccessNotices notices, Caller caller, Func<RoomRecord, bool> reads)
    {
        _all = all;
        _reads = reads;
        all.Add(this);
        _access = notices.Add(caller, room: null, _ => Volatile.Read(ref _changed).TrySetResult());
    }

    /// <summary>Completes when something has happened since the call before, or since the watch began. Read the list after it.</summary>
    public async Task ChangedAsync(CancellationToken cancellationToken)
    {
        await Volatile.Read(ref _changed).Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _changed, New());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _all.Remove(this);
        _access.Dispose();
    }

    /// <summary>Something has happened in a room. Called for every commit: once it is signalled, it costs nothing more until the list was read.</summary>
    void IActivityListener.Notify(RoomRecord room)
    {
        var changed = Volatile.Read(ref _changed);
        if (!changed.Task.IsCompleted && _reads(room))
        {
            changed.TrySetResult();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
