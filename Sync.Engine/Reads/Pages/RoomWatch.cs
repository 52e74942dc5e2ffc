using Sync.Engine.Authority;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Runtime.Feed;

namespace Sync.Engine.Reads.Pages;

/// <summary>
/// A page's hold on a room: an immutable model, and a signal when there is a newer one. Models are built on demand, at most one per change and
/// kind of reader, so a page that looks rarely costs little. Any thread; one page each.
/// </summary>
public sealed class RoomWatch : IDisposable
{
    private readonly RoomAuthorizer _authorizer;
    private readonly RoomPageModels _models;
    private readonly AuthorizedRoom _authorized;
    private readonly FeedSubscription _feed;
    private readonly AccessDependent _access;
    private readonly IDisposable _held;
    private RoomPageModel _last;
    private int _accessChanged;
    private int _disposed;

    internal RoomWatch(RoomAuthorizer authorizer, RoomPageModels models, AuthorizedRoom authorized, AccessNotices notices, RoomPageModel model, IDisposable held)
    {
        _held = held;
        _authorizer = authorizer;
        _models = models;
        _authorized = authorized;
        _last = model;
        _feed = authorized.Room.Feed.Subscribe();
        _access = notices.Add(authorized.Caller, authorized.Record.Row, _ => Reauthorize());
    }

    /// <summary>The room as the caller may see it now. When access has ended it stays the last model and <see cref="Ended"/> is true.</summary>
    public RoomPageModel Current
    {
        get
        {
            // Role and scope may have changed since the page was opened; what is shown follows them.
            if (!HasClosed && _authorizer.Renew(_authorized) is { } current)
            {
                _last = _models.Current(current);
            }

            return _last;
        }
    }

    /// <summary>The same, without holding up a thread while heavy views are worked out. A room too busy to show itself leaves the model as it was.</summary>
    public async ValueTask<RoomPageModel> CurrentAsync(CancellationToken cancellationToken)
    {
        if (!HasClosed && _authorizer.Renew(_authorized) is { } current && (await _models.CurrentAsync(current, cancellationToken).ConfigureAwait(false)).Try(out var model, out _))
        {
            _last = model;
        }

        return _last;
    }

    /// <summary>Whether access or the room has ended.</summary>
    public bool Ended => HasClosed || _authorizer.Renew(_authorized) is null;

    // What its caller may see may be another from here on, though nothing in the room has changed.
    private void Reauthorize()
    {
        Volatile.Write(ref _accessChanged, 1);
        _feed.Wake();
    }

    private bool HasClosed => _disposed != 0 || _authorized.Room.Feed.Closed;

    /// <summary>Completes when something has changed since <paramref name="seen"/>; false when the watch has ended.</summary>
    public async ValueTask<bool> ChangedAsync(RoomPageModel seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _feed.NextAsync();
            if (Ended)
            {
                return false;
            }

            if (Interlocked.Exchange(ref _accessChanged, 0) != 0 || _authorized.Room.Feed.Version != seen.FeedVersion)
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
