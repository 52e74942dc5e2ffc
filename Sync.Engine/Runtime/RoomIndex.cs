using System.Collections.Immutable;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Runtime;

/// <summary>
/// Which rooms each user is in, in the orders that lists have, so that a page of a list costs what stands on it and not what the server holds.
/// <para>Invariants: <see cref="RoomDirectory"/> alone changes it, one change at a time, with every change of its records. Any thread reads it; a set that was read
/// stays as it is, so whoever walks one sees one moment. It holds no rights: what it names is still authorized room by room.</para>
/// </summary>
internal sealed class RoomIndex
{
    private readonly Dictionary<string, UserRooms> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lastEvents = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private UserRooms _all = UserRooms.None;

    /// <summary>Every room of the server.</summary>
    public UserRooms All => Volatile.Read(ref _all);

    /// <summary>The rooms of a user.</summary>
    public UserRooms Of(string userId)
    {
        lock (_lock)
        {
            return _byUser.GetValueOrDefault(userId, UserRooms.None);
        }
    }

    /// <summary>Enters all rooms at once, each with the time of its last event.</summary>
    public void Load(IReadOnlyList<RoomRecord> records, IReadOnlyDictionary<long, DateTimeOffset> lastEvents)
    {
        lock (_lock)
        {
            var users = new Dictionary<string, List<(RoomRecord Record, Member Member)>>(StringComparer.Ordinal);
            foreach (var record in records)
            {
                _lastEvents[record.Id] = (lastEvents.TryGetValue(record.Row, out var at) ? at : record.CreatedAt).ToUnixTimeMilliseconds();
                foreach (var (user, member) in record.Members)
                {
                    if (!users.TryGetValue(user, out var rooms))
                    {
                        users.Add(user, rooms = []);
                    }

                    rooms.Add((record, member));
                }
            }

            _all = Build(records);
            foreach (var (user, rooms) in users)
            {
                _byUser[user] = Build([.. rooms.Where(static room => !room.Member.Pending).Select(static room => room.Record)]) with
                {
                    Pending = [.. rooms.Where(static room => room.Member.Pending).Select(static room => RoomPosition.ByAge(room.Record))],
                    Owned = rooms.Count(static room => room.Member is { Role: Role.Owner, Pending: false }),
                };
            }
        }
    }

    /// <summary>A room came, changed or went.</summary>
    /// <param name="before">As it was; null for one that came.</param>
    /// <param name="after">As it is; null for one that went.</param>
    public void Change(RoomRecord? before, RoomRecord? after)
    {
        lock (_lock)
        {
            if (before is null && after is not null)
            {
                _lastEvents.TryAdd(after.Id, after.CreatedAt.ToUnixTimeMilliseconds());
            }

            ChangeAll(before, after);
            ChangeMembers(before, after);
            if (after is null && before is not null)
            {
                _lastEvents.Remove(before.Id);
            }
        }
    }

    /// <summary>Notes when a room's last event was. Asked of a room that leaves memory: while it is there, it knows better itself.</summary>
    public void NoteLastEvent(RoomRecord record, DateTimeOffset at)
    {
        lock (_lock)
        {
            if (!_lastEvents.TryGetValue(record.Id, out var was) || was == at.ToUnixTimeMilliseconds())
            {
                return;
            }

            var (from, to) = (new RoomPosition(was, record.Id), new RoomPosition(at.ToUnixTimeMilliseconds(), record.Id));
            _lastEvents[record.Id] = to.AtMs;
            _all = Moved(_all);
            foreach (var user in record.Members.Keys)
            {
                if (_byUser.TryGetValue(user, out var rooms) && rooms.ByActivity.Contains(from))
                {
                    _byUser[user] = Moved(rooms);
                }
            }

            UserRooms Moved(UserRooms rooms) => rooms with { ByActivity = rooms.ByActivity.Remove(from).Add(to) };
        }
    }

    /// <summary>A room's place by its last event.</summary>
    public RoomPosition ByActivity(RoomRecord record)
    {
        lock (_lock)
        {
            return new RoomPosition(_lastEvents.GetValueOrDefault(record.Id, record.CreatedAt.ToUnixTimeMilliseconds()), record.Id);
        }
    }

    private UserRooms Build(IReadOnlyCollection<RoomRecord> records) => UserRooms.None with
    {
        ByAge = [.. records.Select(RoomPosition.ByAge)],
        ByActivity = [.. records.Select(ByActivity)],
    };

    private void ChangeAll(RoomRecord? before, RoomRecord? after)
    {
        if (before is null && after is not null)
        {
            _all = With(_all, after);
        }
        else if (after is null && before is not null)
        {
            _all = Without(_all, before);
        }
    }

    private void ChangeMembers(RoomRecord? before, RoomRecord? after)
    {
        if (before is not null && after is not null && ReferenceEquals(before.Members, after.Members))
        {
            return;
        }

        foreach (var (user, member) in before?.Members ?? [])
        {
            if (after is null || !after.Members.TryGetValue(user, out var now) || now != member)
            {
                Put(user, Without(Of(user), before!, member)); // It has members, so it is there.
            }
        }

        foreach (var (user, member) in after?.Members ?? [])
        {
            if (before is null || !before.Members.TryGetValue(user, out var was) || was != member)
            {
                Put(user, With(Of(user), after!, member)); // As above.
            }
        }
    }

    private void Put(string user, UserRooms rooms)
    {
        if (rooms.ByAge.IsEmpty && rooms.Pending.IsEmpty)
        {
            _byUser.Remove(user);
        }
        else
        {
            _byUser[user] = rooms;
        }
    }

    private UserRooms With(UserRooms rooms, RoomRecord record, Member member) =>
        member.Pending
            ? rooms with { Pending = rooms.Pending.Add(RoomPosition.ByAge(record)) }
            : With(rooms, record) with { Owned = rooms.Owned + (member.Role == Role.Owner ? 1 : 0) };

    private UserRooms Without(UserRooms rooms, RoomRecord record, Member member) =>
        member.Pending
            ? rooms with { Pending = rooms.Pending.Remove(RoomPosition.ByAge(record)) }
            : Without(rooms, record) with { Owned = rooms.Owned - (member.Role == Role.Owner ? 1 : 0) };

    private UserRooms With(UserRooms rooms, RoomRecord record) =>
        rooms with { ByAge = rooms.ByAge.Add(RoomPosition.ByAge(record)), ByActivity = rooms.ByActivity.Add(ByActivity(record)) };

    private UserRooms Without(UserRooms rooms, RoomRecord record) =>
        rooms with { ByAge = rooms.ByAge.Remove(RoomPosition.ByAge(record)), ByActivity = rooms.ByActivity.Remove(ByActivity(record)) };
}

/// <summary>The rooms of one user at one moment.</summary>
internal sealed record UserRooms
{
    public static UserRooms None { get; } = new();

    /// <summary>Those that the user is in, the newest first.</summary>
    public ImmutableSortedSet<RoomPosition> ByAge { get; init; } = [];

    /// <summary>The same, by their last events: those of rooms in memory as they were when these were loaded.</summary>
    public ImmutableSortedSet<RoomPosition> ByActivity { get; init; } = [];

    /// <summary>Those in which the user was given a role and has not taken it up.</summary>
    public ImmutableSortedSet<RoomPosition> Pending { get; init; } = [];

    /// <summary>In how many the user is an owner.</summary>
    public int Owned { get; init; }
}

/// <summary>A room's place in a list: the later first, of the same millisecond by id.</summary>
/// <param name="AtMs">When, in Unix milliseconds.</param>
/// <param name="Id">The room.</param>
internal readonly record struct RoomPosition(long AtMs, string Id) : IComparable<RoomPosition>
{
    public static RoomPosition ByAge(RoomRecord record) => new(record.CreatedAt.ToUnixTimeMilliseconds(), record.Id);

    public int CompareTo(RoomPosition other) => other.AtMs.CompareTo(AtMs) is var order && order != 0 ? order : string.CompareOrdinal(Id, other.Id);
}
