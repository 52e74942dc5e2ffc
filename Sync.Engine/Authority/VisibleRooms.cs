using System.Collections.Immutable;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Runtime;

namespace Sync.Engine.Authority;

/// <summary>
/// The rooms that stand in a caller's lists: found by what the caller's token names or its user is in, never by looking at every room of the server. Any thread.
/// </summary>
internal sealed class VisibleRooms(RoomDirectory directory, IdentityCache access)
{
    /// <summary>The places of the rooms in which the caller has a level, the newest first. One of them may be gone by the time it is asked for: <see cref="Find"/> says so.</summary>
    public ImmutableSortedSet<RoomPosition> ByAge(Caller caller, AccessLevel least) => Places(caller, least, static rooms => rooms.ByAge, RoomPosition.ByAge);

    /// <summary>The same rooms by their last events, as far as the index knows them (<see cref="UserRooms.ByActivity"/>).</summary>
    public ImmutableSortedSet<RoomPosition> ByActivity(Caller caller, AccessLevel least) => Places(caller, least, static rooms => rooms.ByActivity, directory.Index.ByActivity);

    /// <summary>The rooms in which the caller's user was given a role and has not taken it up.</summary>
    public ImmutableSortedSet<RoomPosition> Pending(Caller caller) => caller.UserId is { } user ? directory.Index.Of(user).Pending : [];

    /// <summary>A room of the caller's lists, with what the caller may do there now; null when it is none of them, or no longer.</summary>
    public VisibleRoom? Find(Caller caller, string id, AccessLevel least) =>
        directory.TryFind(id, out var record) && !record.IsPendingFor(caller) && access.Of(caller, record) is var held && held.Level >= least ? new VisibleRoom(record, held) : null;

    private ImmutableSortedSet<RoomPosition> Places(Caller caller, AccessLevel least, Func<UserRooms, ImmutableSortedSet<RoomPosition>> order, Func<RoomRecord, RoomPosition> place)
    {
        if (caller.IsSystem)
        {
            return caller.SystemLevel >= least ? order(directory.Index.All) : [];
        }

        if (access.Current(caller) is not { } token)
        {
            return [];
        }

        // Every role reads: a scope of all rooms reaches whatever its user is in, but for what the session has given up.
        if (token.User is { } user && token.Scope.Everywhere >= least)
        {
            var rooms = order(directory.Index.Of(user.Id));
            return caller.Session is { } session ? rooms.Except(session.RoomsBelow(least).Select(Record).OfType<RoomRecord>().Select(place)) : rooms;
        }

        var named = token.Scope.Rooms;
        if (token is { User: { } member, Admitted.IsEmpty: false })
        {
            named = named.Union(directory.Index.Of(member.Id).ByAge.Select(static place => place.Id).Where(id => Record(id) is { } record && token.Admitted.Contains(record.Row)), StringComparer.Ordinal);
        }

        return [.. named.Select(id => Find(caller, id, least)).OfType<VisibleRoom>().Select(room => place(room.Record))];

        RoomRecord? Record(string id) => directory.TryFind(id, out var record) ? record : null;
    }
}

/// <summary>A room of a caller's lists.</summary>
/// <param name="Record">The room.</param>
/// <param name="Access">What the caller may do there.</param>
internal sealed record VisibleRoom(RoomRecord Record, RoomAccess Access);
