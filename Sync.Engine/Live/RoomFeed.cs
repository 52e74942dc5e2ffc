using Sync.Engine.Rooms;

namespace Sync.Engine.Live;

/// <summary>
/// What streams and pages hang on: the newest events and a pulse. A subscriber holds a position, not a queue, so one that falls behind costs nothing and
/// catches up from the log. Any thread.
/// </summary>
internal sealed class RoomFeed(Room room)
{
    private const int Kept = 512;

    private readonly Lock _gate = new();
    private readonly Queue<RoomEvent> _recent = new(Kept);
    private TaskCompletionSource? _pulse;
    private long _version;
    private int _subscribers;

    public bool Closed { get; private set; }

    /// <summary>Grows with every change, of state or of presence.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Streams and pages that are open.</summary>
    public int Subscribers => Volatile.Read(ref _subscribers);

    public void Enter() => Interlocked.Increment(ref _subscribers);

    public void Leave() => Interlocked.Decrement(ref _subscribers);

    /// <summary>Fills in the newest events from before the room was loaded, oldest first.</summary>
    public void Seed(IEnumerable<RoomEvent> events)
    {
        lock (_gate)
        {
            foreach (var e in events)
            {
                _recent.Enqueue(e);
            }
        }
    }

    /// <summary>Completes at the next change after this call. Take it before reading, so that nothing falls between.</summary>
    public Task NextAsync()
    {
        lock (_gate)
        {
            return Closed ? Task.CompletedTask : (_pulse ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Tells of durable events, or with null of a change without one.</summary>
    public void Publish(IReadOnlyList<PendingEvent>? events)
    {
        TaskCompletionSource? pulse;
        lock (_gate)
        {
            foreach (var pending in events ?? [])
            {
                if (_recent.Count == Kept)
                {
                    _recent.Dequeue();
                }

                _recent.Enqueue(pending.Event);
            }

            Interlocked.Increment(ref _version);
            pulse = _pulse;
            _pulse = null;
        }

        pulse?.TrySetResult();
        room.Stirred?.Invoke(room);
    }

    /// <summary>Events after a seq when memory still has all of them, else null.</summary>
    public IReadOnlyList<RoomEvent>? RecentAfter(long seq)
    {
        lock (_gate)
        {
            if (seq >= room.Published.Seq)
            {
                return [];
            }

            return _recent.Count > 0 && _recent.Peek().Seq <= seq + 1 ? [.. _recent.Where(e => e.Seq > seq)] : null;
        }
    }

    /// <summary>The newest events, newest first.</summary>
    public IReadOnlyList<RoomEvent> Newest(int count)
    {
        lock (_gate)
        {
            return [.. _recent.Reverse().Take(count)];
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            Closed = true;
        }

        Publish(null);
    }
}
