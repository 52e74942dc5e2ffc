using Sync.Engine.Live;
using Sync.Engine.Rooms;

namespace Sync.Engine;

/// <summary>
/// A page's hold on a room: an immutable picture, and a signal when there is a newer one. Pictures are built on demand, at most one per change and
/// kind of reader, so a page that looks rarely costs little. Any thread; one page each.
/// </summary>
public sealed class RoomWatch : IDisposable
{
    private readonly RoomGate _gate;
    private readonly Pictures _pictures;
    private readonly Entrance _entrance;
    private readonly FeedSubscription _feed;
    private readonly AccessDependent _access;
    private readonly IDisposable _held;
    private RoomPicture _last;
    private int _accessChanged;
    private int _disposed;

    internal RoomWatch(RoomGate gate, Pictures pictures, Entrance entrance, AccessNotices notices, RoomPicture picture, IDisposable held)
    {
        _held = held;
        _gate = gate;
        _pictures = pictures;
        _entrance = entrance;
        _last = picture;
        _feed = entrance.Room.Feed.Subscribe();
        _access = notices.Add(entrance.Caller, entrance.Record.Row, _ => Recheck());
    }

    /// <summary>The room as the caller may see it now. When access has ended it stays the last picture and <see cref="Ended"/> is true.</summary>
    public RoomPicture Current
    {
        get
        {
            // Role and scope may have changed since the page was opened; what is shown follows them.
            if (!HasClosed && _gate.Renew(_entrance) is { } current)
            {
                _last = _pictures.Current(current);
            }

            return _last;
        }
    }

    /// <summary>The same, without holding up a thread while heavy views are worked out. A room too busy to show itself leaves the picture as it was.</summary>
    public async ValueTask<RoomPicture> CurrentAsync(CancellationToken cancellationToken)
    {
        if (!HasClosed && _gate.Renew(_entrance) is { } current && (await _pictures.CurrentAsync(current, cancellationToken).ConfigureAwait(false)).Try(out var picture, out _))
        {
            _last = picture;
        }

        return _last;
    }

    /// <summary>Whether access or the room has ended.</summary>
    public bool Ended => HasClosed || _gate.Renew(_entrance) is null;

    // What its caller may see may be another from here on, though nothing in the room has changed.
    private void Recheck()
    {
        Volatile.Write(ref _accessChanged, 1);
        _feed.Wake();
    }

    private bool HasClosed => _disposed != 0 || _entrance.Room.Feed.Closed;

    /// <summary>Completes when something has changed since <paramref name="seen"/>; false when the watch has ended.</summary>
    public async ValueTask<bool> ChangedAsync(RoomPicture seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _feed.NextAsync();
            if (Ended)
            {
                return false;
            }

            if (Interlocked.Exchange(ref _accessChanged, 0) != 0 || _entrance.Room.Feed.Version != seen.FeedVersion)
            {
                return true;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _access.Dispose();
            _feed.Dispose();
            _held.Dispose();
        }
    }
}
