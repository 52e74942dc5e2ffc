using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Rooms;

/// <content>What goes on in the rooms of a list.</content>
public sealed partial class RoomService
{
    /// <summary>Of so many pinned rooms a list is made; the others stand where they would stand without.</summary>
    private const int MaxPinned = 100;

    /// <summary>Keeps <see cref="ActivityAsync"/> current: open it first, read, and read again whenever it has changed.</summary>
    public Outcome<ActivityWatch> WatchActivity(Caller caller) =>
        caller.IsAnonymous ? RoomAuthorizer.Anonymous : new ActivityWatch(_directory.Watches, _access.Notices, caller, room: null, room => _access.Of(caller, room).Level > AccessLevel.None);

    /// <summary>Rooms the caller can read, each with who is present and when its last event was; the liveliest first.</summary>
    /// <remarks>Rooms are not loaded for it: in one that is not loaded nobody is present. What is read is the rooms in memory and those that are answered. Errors: <c>authentication_required</c>.</remarks>
    public async Task<Outcome<RoomActivities>> ActivityAsync(Caller caller, ActivityRequest request, CancellationToken cancellationToken)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        var search = RoomSearch.Of(request.Search);
        HashSet<string> pins = [.. request.Pinned.Take(MaxPinned)];
        var pinned = pins.Select(id => _visible.Find(caller, id, AccessLevel.Read)).OfType<VisibleRoom>().Select(Awake).ToList();

        // Those in memory first: one that leaves it meanwhile is then not shown a second time.
        var awake = InMemory(caller).Where(room => !pins.Contains(room.Room.Record.Id)).ToList();
        var places = _visible.ByActivity(caller, AccessLevel.Read);
        HashSet<string> seen = [.. pins, .. awake.Select(static room => room.Room.Record.Id)];
        var quiet = new List<Standing>(Math.Min(request.MaxQuiet, places.Count));
        var total = places.Count - pinned.Count;
        var quietAwake = new Queue<Standing>(awake.Where(room => room.Present == 0 && search.Matches(room.Room.Record)).Order());
        var live = awake.Where(room => room.Present > 0).ToList();
        var liveFound = live.Where(room => search.Matches(room.Room.Record)).Order().ToList();
        var found = quietAwake.Count;
        foreach (var place in places.Take(search.IsEmpty ? places.Count : RoomSearch.MaxSearched))
        {
            if (quiet.Count == request.MaxQuiet && search.IsEmpty)
            {
                break;
            }

            if (seen.Contains(place.Id) || !_directory.TryFind(place.Id, out var record) || !search.Matches(record))
            {
                continue;
            }

            // Past what is shown it is only counted.
            found++;
            if (quiet.Count == request.MaxQuiet || _visible.Find(caller, place.Id, AccessLevel.Read) is not { } room)
            {
                continue;
            }

            while (quiet.Count < request.MaxQuiet && quietAwake.TryPeek(out var next) && next.Place.CompareTo(place) < 0)
            {
                quiet.Add(quietAwake.Dequeue());
            }

            if (quiet.Count < request.MaxQuiet)
            {
                quiet.Add(new Standing(room, place, LastEventAt: null, Present: 0, IsAwake: false));
            }
        }

        quiet.AddRange(quietAwake.Take(request.MaxQuiet - quiet.Count));
        var pinnedFound = pinned.Where(room => search.Matches(room.Room.Record)).OrderByDescending(static room => room.Present > 0).ThenBy(static room => room.Place).ToList();
        var shownLive = liveFound.Take(request.MaxLive).ToList();
        var asleep = pinnedFound.Concat(quiet).Where(static room => !room.IsAwake).Select(static room => room.Room.Record.Row).ToList();
        var last = asleep.Count == 0 ? null : await _store.LastEventTimesAsync(asleep, cancellationToken).ConfigureAwait(false);
        return new RoomActivities
        {
            Pinned = Shown(pinnedFound),
            Live = Shown(shownLive),
            LiveTotal = liveFound.Count,
            Quiet = Shown(quiet),
            QuietTotal = search.IsEmpty ? Math.Max(quiet.Count, total - live.Count) : found,
        };

        IReadOnlyList<RoomActivity> Shown(List<Standing> rooms) =>
        [
            .. rooms.Select(room => new RoomActivity(
                _infos.Of(room.Room.Record, room.Room.Access),
                room.IsAwake ? room.LastEventAt : last is not null && last.TryGetValue(room.Room.Record.Row, out var at) ? at : null,
                room.Present)),
        ];
    }

    // The caller's rooms in memory, found from the shorter side.
    private List<Standing> InMemory(Caller caller)
    {
        List<Standing> found = [];
        var places = _visible.ByAge(caller, AccessLevel.Read);
        if (_directory.LoadedCount < places.Count)
        {
            _directory.ForEachLoaded(room => Add(room.Record.Id));
        }
        else
        {
            foreach (var place in places)
            {
                Add(place.Id);
            }
        }

        return found;

        void Add(string id)
        {
            if (_directory.TryFind(id, out var record) && _directory.Loaded(record.Row) is not null && _visible.Find(caller, id, AccessLevel.Read) is { } room && Awake(room) is { IsAwake: true } standing)
            {
                found.Add(standing);
            }
        }
    }

    private Standing Awake(VisibleRoom room)
    {
        if (_directory.Loaded(room.Record.Row) is not { } loaded)
        {
            return new Standing(room, _directory.Index.ByActivity(room.Record), LastEventAt: null, Present: 0, IsAwake: false);
        }

        var now = loaded.Now;
        DateTimeOffset? last = now.State.Seq == 0 ? null : now.State.UpdatedAt;
        var present = now.State.Agents.Keys.Count(agent => AgentPresence.StatusOf(now.Presence.Of(agent), now.Now) is AgentStatus.Active or AgentStatus.Waiting);
        return new Standing(room, new RoomPosition((last ?? room.Record.CreatedAt).ToUnixTimeMilliseconds(), room.Record.Id), last, present, IsAwake: true);
    }

    // A room in the order of the list.
    private sealed record Standing(VisibleRoom Room, RoomPosition Place, DateTimeOffset? LastEventAt, int Present, bool IsAwake) : IComparable<Standing>
    {
        public int CompareTo(Standing? other) => other is null ? 1 : Place.CompareTo(other.Place);
    }
}

/// <summary>Which rooms of a list are asked for.</summary>
public sealed record ActivityRequest
{
    /// <summary>Ids of rooms that stand first; unknown ones stand nowhere.</summary>
    public IReadOnlyCollection<string> Pinned { get; init; } = [];

    /// <summary>Words that the id or the name must have; empty for all.</summary>
    public string Search { get; init; } = "";

    /// <summary>At most so many rooms in which somebody is present.</summary>
    public required int MaxLive { get; init; }

    /// <summary>At most so many others.</summary>
    public required int MaxQuiet { get; init; }
}

/// <summary>A list of rooms with what goes on in them; of each part the first.</summary>
public sealed record RoomActivities
{
    /// <summary>Those that were named as pinned.</summary>
    public required IReadOnlyList<RoomActivity> Pinned { get; init; }

    /// <summary>Those in which somebody is present, by their last events.</summary>
    public required IReadOnlyList<RoomActivity> Live { get; init; }

    /// <summary>How many there are of those.</summary>
    public required int LiveTotal { get; init; }

    /// <summary>The others, by their last events.</summary>
    public required IReadOnlyList<RoomActivity> Quiet { get; init; }

    /// <summary>How many there are of those.</summary>
    public required int QuietTotal { get; init; }
}

/// <summary>A room in a list, with what goes on in it.</summary>
/// <param name="Room">The room.</param>
/// <param name="LastEventAt">When its newest event was; null for a room without events.</param>
/// <param name="Present">Agents that are active or waiting.</param>
public sealed record RoomActivity(RoomInfo Room, DateTimeOffset? LastEventAt, int Present);
