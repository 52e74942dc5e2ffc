using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Rooms;

/// <content>Lists of rooms. What one costs depends on what stands on it, not on how many rooms there are.</content>
public sealed partial class RoomService
{
    /// <summary>Some of the rooms the caller can read, newest first: at most so many, after a place in the list.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="after">The end of the page before (<see cref="RoomPage.EndAt"/>), or the id of a room of the list; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <remarks>
    /// Pages that are read one after another give every room that is there all the while once, whatever comes and goes. Errors: <c>authentication_required</c>;
    /// <c>invalid_parameter</c> when <paramref name="after"/> is neither.
    /// </remarks>
    public Outcome<RoomPage> Page(Caller caller, string? after, int limit)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        var places = _visible.ByAge(caller, AccessLevel.Read);
        if (!PlaceOf(caller, after).Try(out var start, out var error))
        {
            return error;
        }

        var from = start is { } last ? Behind(places, last) : 0;
        List<RoomInfo> rooms = new(Math.Min(limit, places.Count - from));
        for (var at = from; at < places.Count && rooms.Count < limit; at++)
        {
            if (_visible.Find(caller, places[at].Id, AccessLevel.Read) is { } room)
            {
                rooms.Add(_infos.Of(room.Record, room.Access));
            }
        }

        return new RoomPage(rooms, places.Count, places.Count - from);
    }

    /// <summary>Some of the rooms the caller can read whose id or name has every word of a text, newest first.</summary>
    /// <remarks>Errors: <c>authentication_required</c>.</remarks>
    public Outcome<RoomMatches> Search(Caller caller, string text, int limit)
    {
        var search = RoomSearch.Of(text);
        return Matching(caller, record => search.Matches(record), limit);
    }

    /// <summary>Some of the rooms the caller can read whose id begins with a text, compared without case, newest first.</summary>
    /// <remarks>Errors: <c>authentication_required</c>.</remarks>
    public Outcome<RoomMatches> BeginningWith(Caller caller, string prefix, int limit) =>
        Matching(caller, record => record.Id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase), limit);

    /// <summary>A room of the caller's lists; null when it is none of them.</summary>
    public RoomInfo? InLists(Caller caller, string room) => _visible.Find(caller, room, AccessLevel.Read) is { } found ? _infos.Of(found.Record, found.Access) : null;

    private Outcome<RoomMatches> Matching(Caller caller, Func<RoomRecord, bool> matches, int limit)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        List<RoomInfo> found = [];
        foreach (var place in _visible.ByAge(caller, AccessLevel.Read).Take(RoomSearch.MaxSearched))
        {
            if (_directory.TryFind(place.Id, out var record) && matches(record) && _visible.Find(caller, place.Id, AccessLevel.Read) is { } room)
            {
                if (found.Count == limit)
                {
                    return new RoomMatches(found, HasMore: true);
                }

                found.Add(_infos.Of(room.Record, room.Access));
            }
        }

        return new RoomMatches(found, HasMore: false);
    }

    private Outcome<RoomPosition?> PlaceOf(Caller caller, string? after)
    {
        if (after is null)
        {
            return (RoomPosition?)null;
        }

        return RoomCursor.TryParse(after, out var cursor) ? cursor.Place
            : _visible.Find(caller, after, AccessLevel.Read) is { } room ? RoomPosition.ByAge(room.Record)
            : new SyncError(ErrorCode.InvalidParameter, "'after' names no room of the list.") { Hint = "Take the 'next_after' of the page before, or leave 'after' out to begin again." }.With("parameter", "after");
    }

    // Where the first place stands that comes after another one, be that in the list or not.
    private static int Behind(ImmutableSortedSet<RoomPosition> places, RoomPosition place) => places.IndexOf(place) is var at && at >= 0 ? at + 1 : ~at;
}
