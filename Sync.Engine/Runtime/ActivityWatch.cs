using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Rooms;

namespace Sync.Engine.Runtime;

/// <summary>
/// What keeps a list of rooms current, or what is told of one room: a signal that something has happened in a room its caller reads, or to what they may read. It says that, not
/// what, so one that looks rarely costs little. Any thread; one reader each.
/// </summary>
public sealed class ActivityWatch : IActivityListener, IDisposable
{
    private readonly ActivityWatches _all;
    private readonly AccessDependent _access;
    private readonly Func<RoomRecord, bool> _reads;
    private TaskCompletionSource _changed = New();

    /// <summary>Begins.</summary>
    /// <param name="all">Who is told of what happens in rooms.</param>
    /// <param name="notices">Who is told of changes of access.</param>
    /// <param name="caller">Who reads.</param>
    /// <param name="room">The row of the one room that is read, or null for a list.</param>
    /// <param name="reads">Whether a room is one that is read.</param>
    internal ActivityWatch(ActivityWatches all, AccessNotices notices, Caller caller, long? room, Func<RoomRecord, bool> reads)
    {
        _all = all;
        _reads = reads;
        all.Add(this);
        _access = notices.Add(caller, room, _ => Volatile.Read(ref _changed).TrySetResult());
    }

    /// <summary>Completes when something has happened since the call before, or since the watch began. Read after it.</summary>
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

    /// <summary>Something has happened in a room. Called for every commit: once it is signalled, it costs nothing more until it was heard.</summary>
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
