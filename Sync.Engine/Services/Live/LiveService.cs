using System.Runtime.CompilerServices;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Services.History;

namespace Sync.Engine.Services.Live;

/// <summary>A room as it changes.</summary>
public sealed class LiveService
{
    // What a stream holds of the log at a time, however slow its reader is.
    private const int StepEvents = 100;
    private const int StepBytes = 1024 * 1024;

    private readonly RoomAuthorizer _authorizer;
    private readonly ContextReader _reader;
    private readonly RoomPageModels _models;
    private readonly AccessNotices _notices;
    private readonly Holdings _holdings;

    internal LiveService(RoomAuthorizer authorizer, ContextReader reader, RoomPageModels models, AccessNotices notices, Holdings holdings)
    {
        _holdings = holdings;
        _authorizer = authorizer;
        _reader = reader;
        _models = models;
        _notices = notices;
    }

    /// <summary>
    /// Every event after <paramref name="since"/> (null = from now on), in order, nothing missed, nothing twice, as it becomes durable. Ends when access ends
    /// or the room is deleted. Refusals of the position name <paramref name="parameter"/>.
    /// </summary>
    /// <remarks>Errors: those of access, <c>cursor_reset</c> for a cursor of another history, <c>invalid_parameter</c> for a number the room has not reached.</remarks>
    public async Task<Outcome<IAsyncEnumerable<LiveEvent>>> EventsAsync(Caller caller, string room, EventCursor? since, string parameter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var now = authorized.Room.Published.Seq;
        return (await _reader.CheckCursorAsync(authorized, since, parameter, cancellationToken).ConfigureAwait(false) ?? CheckStream(authorized)) is { } refused
            ? refused
            : Outcome<IAsyncEnumerable<LiveEvent>>.Of(StreamAsync(authorized, since?.Seq ?? now, cancellationToken));
    }

    /// <summary>
    /// The newest seq each time the room has moved on, for who only needs to know that it has: what happens while nobody looks is one change. Ends when access
    /// ends or the room is deleted.
    /// </summary>
    /// <remarks>Errors: those of access.</remarks>
    public async Task<Outcome<IAsyncEnumerable<long>>> ChangesAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error) && (error = CheckStream(authorized)) is null
            ? Outcome<IAsyncEnumerable<long>>.Of(ChangesAsync(authorized, authorized.Room.Published.Seq, cancellationToken))
            : error;
    }

    /// <summary>Opens a room for a page, also for a token that shows single views. Dispose it when the page closes.</summary>
    public async Task<Outcome<RoomWatch>> WatchAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Views).ConfigureAwait(false)).Try(out var authorized, out var error)
            && (await _models.CurrentAsync(authorized, cancellationToken).ConfigureAwait(false)).Try(out var model, out error)
            && _holdings.HoldStream(authorized, authorized.Room.Published).Try(out var held, out error)
            ? new RoomWatch(_authorizer, _models, authorized, _notices, model, held)
            : error;
    }

    // A stream is held from the moment it is read; whoever asks for one is told before whether there is room.
    private SyncError? CheckStream(AuthorizedRoom authorized)
    {
        if (!_holdings.HoldStream(authorized, authorized.Room.Published).Try(out var held, out var full))
        {
            return full;
        }

        held.Dispose();
        return null;
    }

    /// <summary>
    /// The room as it was after event <paramref name="seq"/>, as the caller may see it: what is private to others now is hidden in the past too. Views and availability are
    /// those of that moment. Presence is no event, so who was there is read from what they did. Made to be asked often: a few past states of a room stay in memory.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c> for an event the room does not have.</remarks>
    public async Task<Outcome<RoomPageModel>> AtAsync(Caller caller, string room, long seq, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var published = authorized.Room.Published;
        return seq < 1 || seq > published.Seq
            ? HistoryService.NoEvent(seq, published)
            : await _models.AtAsync(authorized, seq, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Searches back through the log from before an event, or with null from the newest. One call reads a bounded stretch and gives at most <paramref name="limit"/> events, so it may find
    /// nothing although there is something further back: go on from where it searched to.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c> for a limit beyond <see cref="CountBound.Log"/>.</remarks>
    public async Task<Outcome<LogPage>> LogAsync(Caller caller, string room, LogQuery query, long? before, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        return !CountBound.Log.Check("limit", limit).Try(out _, out error)
            ? error
            : await _models.LogAsync(authorized, query, Math.Min(before ?? long.MaxValue, authorized.Room.Published.Seq + 1), limit, cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<long> ChangesAsync(AuthorizedRoom authorized, long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var _ in StepsAsync(authorized, () => position, cancellationToken).ConfigureAwait(false))
        {
            position = authorized.Room.Published.Seq;
            yield return position;
        }
    }

    // A position, not a queue: a reader that falls behind reads on from the log, however long it was away.
    private async IAsyncEnumerable<LiveEvent> StreamAsync(AuthorizedRoom authorized, long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var room = authorized.Room;

        // A reader who may see less than before sees less from here on: a slow reader may be long behind.
        await foreach (var current in StepsAsync(authorized, () => position, cancellationToken).ConfigureAwait(false))
        {
            var events = await _reader.EventsAfterAsync(current, position, room.Published.Seq, StepEvents, StepBytes, cancellationToken).ConfigureAwait(false);
            var visible = current.VisibleScopes(room.Published);
            foreach (var e in events)
            {
                position = e.Seq;
                yield return new LiveEvent(e.Cursor, RoomEventJson.Name(e.Kind), room.Feed.TextOf(e, visible));
            }
        }
    }

    /// <summary>
    /// The one loop of a stream: holds a place, and gives the access as it is now whenever the room is further than the reader's position. The reader moves its position before it asks for the
    /// next step, or is given the next one after the room's next signal. Ends when access ends or the room is deleted.
    /// </summary>
    private async IAsyncEnumerable<AuthorizedRoom> StepsAsync(AuthorizedRoom authorized, Func<long> position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var room = authorized.Room;
        if (!_holdings.HoldStream(authorized, room.Published).Try(out var held, out _))
        {
            yield break;
        }

        using var releasing = held;
        using var feed = room.Feed.Subscribe();
        using var access = _notices.Add(authorized.Caller, authorized.Record.Row, _ => feed.Wake());
        while (!room.Feed.Closed)
        {
            // Subscribed before anything is read, so that nothing that happens in between is missed.
            var next = feed.NextAsync();
            if (_authorizer.Renew(authorized) is not { } current)
            {
                yield break;
            }

            authorized = current;
            var before = position();
            if (room.Published.Seq > before)
            {
                yield return current;
                if (position() > before)
                {
                    continue;
                }
            }

            // Nothing new, or so new that the signal of it is still to come.
            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>One log event for a stream.</summary>
/// <param name="Cursor">Its number and tag, the stream's event id.</param>
/// <param name="Kind">What it records: <c>invoked</c>, <c>refused</c>, <c>agent_joined</c> …</param>
/// <param name="Json">The event as UTF-8 JSON, as this reader may see it.</param>
public readonly record struct LiveEvent(EventCursor Cursor, string Kind, ReadOnlyMemory<byte> Json)
{
    /// <summary>Its number.</summary>
    public long Seq => Cursor.Seq;
}
