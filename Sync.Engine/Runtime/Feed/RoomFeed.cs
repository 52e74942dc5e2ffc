using System.Runtime.CompilerServices;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Runtime.Feed;

/// <summary>
/// What streams and pages hang on: the newest events, and a signal for each of them. A subscriber holds a position, not a queue, so one that falls behind costs nothing and
/// catches up from the log. What is kept of events is bounded by their number and by their bytes. Any thread.
/// </summary>
internal sealed class RoomFeed(RoomReplica room)
{
    private const int Kept = 512;
    private const long KeptBytes = 4 * 1024 * 1024;

    private static readonly List<TaskCompletionSource> s_none = [];

    private readonly Lock _lock = new();
    private readonly Queue<(RoomEvent Event, int Bytes)> _recent = new(Kept);
    private readonly ConditionalWeakTable<RoomEvent, EventTexts> _texts = [];
    private List<TaskCompletionSource> _waiting = [];
    private long _bytes;
    private long _version;
    private int _subscribers;

    public bool Closed { get; private set; }

    /// <summary>Grows with every change, of state or of presence.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Streams and pages that are open.</summary>
    public int Subscribers => Volatile.Read(ref _subscribers);

    /// <summary>Bytes of the events it keeps, for tests.</summary>
    internal long RecentBytes => Interlocked.Read(ref _bytes);

    /// <summary>Opens a stream's or a page's own place. Dispose it when it ends.</summary>
    public FeedSubscription Subscribe()
    {
        Interlocked.Increment(ref _subscribers);
        return new FeedSubscription(this);
    }

    /// <summary>Fills in the newest events from before the room was loaded, oldest first.</summary>
    public void Seed(IEnumerable<(RoomEvent Event, int Bytes)> events)
    {
        lock (_lock)
        {
            foreach (var (e, bytes) in events)
            {
                KeepNeedsLock(e, bytes);
            }
        }
    }

    /// <summary>Tells of durable events, or with null of a change without one.</summary>
    public void Publish(IReadOnlyList<PublishedEvent>? events)
    {
        List<TaskCompletionSource> woken;
        lock (_lock)
        {
            foreach (var published in events ?? [])
            {
                KeepNeedsLock(published.Event, published.Bytes);
            }

            Interlocked.Increment(ref _version);
            (woken, _waiting) = _waiting.Count == 0 ? (s_none, _waiting) : (_waiting, []);
        }

        foreach (var waiting in woken)
        {
            waiting.TrySetResult();
        }

        room.RaiseChanged();
    }

    /// <summary>Events after a seq when memory still has all of them, else null.</summary>
    public IReadOnlyList<RoomEvent>? RecentAfter(long seq)
    {
        lock (_lock)
        {
            if (seq >= room.Published.Seq)
            {
                return [];
            }

            return _recent.Count > 0 && _recent.Peek().Event.Seq <= seq + 1 ? [.. _recent.Where(e => e.Event.Seq > seq).Select(static e => e.Event)] : null;
        }
    }

    /// <summary>An event, if memory still has it.</summary>
    public RoomEvent? Find(long seq)
    {
        lock (_lock)
        {
            return _recent.FirstOrDefault(e => e.Event.Seq == seq).Event;
        }
    }

    /// <summary>An event as a stream gives it. Of the events that are kept, streams that see every scope share one text, and so do those that see no private one.</summary>
    public ReadOnlyMemory<byte> TextOf(RoomEvent e, VisibleScopes visible)
    {
        if ((!visible.All && !visible.Private.IsDefaultOrEmpty) || !Keeps(e.Seq))
        {
            return Write(e, visible).Value;
        }

        var texts = _texts.GetValue(e, static _ => new EventTexts());
        return (visible.All ? texts.All ??= Write(e, visible) : texts.Public ??= Write(e, visible)).Value;
    }

    /// <summary>The newest events, newest first.</summary>
    public IReadOnlyList<RoomEvent> Newest(int count)
    {
        lock (_lock)
        {
            return [.. _recent.Reverse().Take(count).Select(static e => e.Event)];
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            Closed = true;
        }

        Publish(null);
    }

    internal Task NextAsync(FeedSubscription subscription)
    {
        lock (_lock)
        {
            if (Closed)
            {
                return Task.CompletedTask;
            }

            if (subscription.Waiting is null or { Task.IsCompleted: true })
            {
                subscription.Waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(subscription.Waiting);
            }

            return subscription.Waiting.Task;
        }
    }

    internal void Wake(FeedSubscription subscription)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            waiting = subscription.Waiting;
            if (waiting is not null)
            {
                _waiting.Remove(waiting);
            }
        }

        waiting?.TrySetResult();
    }

    internal void Leave(FeedSubscription subscription)
    {
        Interlocked.Decrement(ref _subscribers);
        Wake(subscription);
    }

    private bool Keeps(long seq)
    {
        lock (_lock)
        {
            return _recent.Count > 0 && _recent.Peek().Event.Seq <= seq;
        }
    }

    private EventText Write(RoomEvent e, VisibleScopes visible) => new(EventJson.Within(room.Limits.AnswerBytes, e, visible, withValues: true).Memory);

    private void KeepNeedsLock(RoomEvent e, int bytes)
    {
        _recent.Enqueue((e, bytes));
        Interlocked.Add(ref _bytes, bytes);
        while (_recent.Count > Kept || (_bytes > KeptBytes && _recent.Count > 0))
        {
            Interlocked.Add(ref _bytes, -_recent.Dequeue().Bytes);
        }
    }
}

/// <summary>An event's texts, each made at first use; a race makes one twice. Boxed, since memory is more than a word.</summary>
internal sealed class EventTexts
{
    private volatile EventText? _all;
    private volatile EventText? _public;

    public EventText? All
    {
        get => _all;
        set => _all = value;
    }

    public EventText? Public
    {
        get => _public;
        set => _public = value;
    }
}

/// <summary>One text.</summary>
internal sealed record EventText(ReadOnlyMemory<byte> Value);

/// <summary>One stream's or page's place at a <see cref="RoomFeed"/>.</summary>
internal sealed class FeedSubscription(RoomFeed feed) : IDisposable
{
    private int _disposed;

    /// <summary>The signal it waits for, if any; guarded by the feed's lock.</summary>
    public TaskCompletionSource? Waiting { get; set; }

    /// <summary>Completes at the next change after this call, or when <see cref="Wake"/> is called. Take it before reading, so that nothing falls between.</summary>
    public Task NextAsync() => feed.NextAsync(this);

    /// <summary>Has this one look, and no other.</summary>
    public void Wake() => feed.Wake(this);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            feed.Leave(this);
        }
    }
}
