using System.Collections.Immutable;
using System.Text;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Identity.Scopes;

/// <summary>
/// A parsed token scope: space-separated grants of <c>create_rooms</c>, <c>rooms:*</c>, <c>rooms:*:read|write</c>, <c>rooms:ID</c>,
/// <c>rooms:ID:read|write|admin</c>, <c>rooms:ID:agent:AGENT</c>, <c>rooms:ID:view:VIEW</c>. Immutable. Text is kept in canonical order.
/// <para>
/// What follows <c>rooms:</c> is read so: the first <c>:agent:</c> or <c>:view:</c>, whichever comes first, splits room and agent or view; else a last
/// part <c>:read</c>, <c>:write</c> or <c>:admin</c> is the level; else all of it is the room's id and the level is full. Ids may hold colons; one that would be
/// misread is written with its colons as <c>%3A</c>, which no id contains. The canonical text does so exactly where it must, so it always
/// parses back to the same scope.
/// </para>
/// <para>
/// A scope is the sum of its grants, with one exception: below full access, a room's <c>agent</c> grant binds the token to that agent in
/// that room whatever else the scope says of it. Grants that say nothing new are dropped: those of single views where the room is read anyway.
/// </para>
/// </summary>
public sealed class Scope
{
    /// <summary>The grammar in one line, for errors and pages.</summary>
    public const string Grammar = "create_rooms | rooms:* | rooms:*:read|write | rooms:ID | rooms:ID:read|write|admin | rooms:ID:agent:AGENT | rooms:ID:view:VIEW";

    // Sorted by room, ordinally; one per room.
    private readonly ImmutableArray<RoomGrant> _rooms;

    private Scope(bool canCreateRooms, AccessLevel everywhere, ImmutableArray<RoomGrant> rooms)
    {
        CanCreateRooms = canCreateRooms;
        Everywhere = everywhere;
        _rooms = rooms;
        Text = Write();
    }

    /// <summary>The canonical text.</summary>
    public string Text { get; }

    /// <summary>Whether rooms may be created.</summary>
    public bool CanCreateRooms { get; }

    /// <summary>The level in rooms the scope does not name, from <c>rooms:*</c>.</summary>
    public AccessLevel Everywhere { get; }

    /// <summary>Whether it shows single views and grants nothing else: what a link carries that is made for others to look at.</summary>
    public bool OnlyShows => !CanCreateRooms && Everywhere == AccessLevel.None && !_rooms.IsEmpty && _rooms.All(static grant => grant.Level == AccessLevel.Views);

    /// <summary>Whether nothing can be changed with it, in any room.</summary>
    public bool OnlyReads => !CanCreateRooms && Everywhere <= AccessLevel.Read && _rooms.All(static grant => grant.Level <= AccessLevel.Read);

    /// <summary>The rooms the scope names, in canonical order.</summary>
    public IEnumerable<string> Rooms => _rooms.Select(grant => grant.Room);

    /// <summary>The scope that grants nothing; no text stands for it.</summary>
    internal static Scope Nothing { get; } = new(canCreateRooms: false, AccessLevel.None, []);

    /// <summary>Everything; what the server's own parts have.</summary>
    internal static Scope Everything { get; } = new(canCreateRooms: true, AccessLevel.Admin, []);

    /// <summary>Parses scope text; <c>invalid_scope</c> names the part that is wrong and the grammar.</summary>
    public static Outcome<Scope> Parse(string text) => ScopeParser.Parse(text);

    /// <summary>The most a token of this scope may do in a room, the user's role apart.</summary>
    public AccessLevel LevelFor(string roomId)
    {
        var grant = Find(roomId);
        return grant is null || grant.Level < Everywhere ? Everywhere : grant.Level;
    }

    /// <summary>The only agent it may act as in a room, or null when the scope binds it to none.</summary>
    public string? AgentFor(string roomId) => Everywhere == AccessLevel.Admin ? null : Find(roomId)?.Agent;

    /// <summary>The only views it shows of a room, in ordinal order; null when it reads the room, or has nothing there.</summary>
    public IReadOnlyList<string>? ViewsFor(string roomId) => ViewsIn(roomId);

    /// <summary>Whether everything that <paramref name="other"/> allows, this allows too.</summary>
    public bool Covers(Scope other)
    {
        if ((other.CanCreateRooms && !CanCreateRooms) || other.Everywhere > Everywhere)
        {
            return false;
        }

        foreach (var grant in other._rooms)
        {
            if (!Covers(grant.Room, other))
            {
                return false;
            }
        }

        // Rooms that only this scope names matter too: it may bind itself to an agent where the other is free.
        foreach (var grant in _rooms)
        {
            if (!Covers(grant.Room, other))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>This scope and full access to one room: what a token gets that creates it.</summary>
    public Scope WithRoom(string roomId) => With(roomId, AccessLevel.Admin, agent: null);

    /// <summary>The canonical text of one grant.</summary>
    public static string TextOf(string roomId, AccessLevel level, string? agent) => new RoomGrant(roomId, level, agent).Text;

    /// <summary>The canonical text of the grants that show these views of a room; empty for none.</summary>
    public static string TextOf(string roomId, IEnumerable<string> views) => RoomGrant.OfViews(roomId, ViewSet.Of(views)) is { Level: AccessLevel.Views } grant ? grant.Text : "";

    /// <summary>The canonical text of what the scope grants in one room; empty for nothing.</summary>
    public string TextIn(string roomId) => LevelFor(roomId) == AccessLevel.None ? "" : GrantIn(roomId).Text;

    /// <summary>What it grants in one room, that of every room included.</summary>
    internal RoomGrant GrantIn(string roomId) => new(roomId, LevelFor(roomId), AgentFor(roomId)) { Views = ViewsIn(roomId) ?? ViewSet.None };

    /// <summary>The views of <see cref="ViewsFor"/>.</summary>
    internal ViewSet? ViewsIn(string roomId) => Everywhere < AccessLevel.Views && Find(roomId) is { Level: AccessLevel.Views } grant ? grant.Views : null;

    /// <summary>A scope of one grant.</summary>
    internal static Scope Of(RoomGrant grant)
    {
        var builder = new Builder();
        builder.Add(grant);
        return builder.Build();
    }

    /// <summary>This scope and a grant in one room; grants that say nothing new are dropped.</summary>
    internal Scope With(string roomId, AccessLevel level, string? agent)
    {
        var builder = new Builder(this);
        builder.Add(new RoomGrant(roomId, level, agent));
        return builder.Build();
    }

    /// <summary>A scope of one room alone.</summary>
    internal static Scope Of(string roomId, AccessLevel level, string? agent = null) => Nothing.With(roomId, level, agent);

    /// <summary>This scope without the rooms it names.</summary>
    internal Scope WithoutRooms() => new(CanCreateRooms, Everywhere, []);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private bool Covers(string room, Scope other)
    {
        var theirs = other.LevelFor(room);
        if (theirs == AccessLevel.None || LevelFor(room) == AccessLevel.Admin)
        {
            return true;
        }

        // Acting as a named agent is its own kind of authority: a token that writes as its user's agent does not hold it.
        var agent = AgentFor(room);
        return string.Equals(agent, other.AgentFor(room), StringComparison.Ordinal)
            && LevelFor(room) >= theirs
            && (ViewsIn(room) is not { } views || (other.ViewsIn(room) is { } asked && views.Covers(asked)));
    }

    private RoomGrant? Find(string roomId)
    {
        var (low, high) = (0, _rooms.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(_rooms[middle].Room, roomId);
            if (order == 0)
            {
                return _rooms[middle];
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return null;
    }

    private string Write()
    {
        var text = new StringBuilder();
        if (CanCreateRooms)
        {
            text.Append("create_rooms");
        }

        if (Everywhere != AccessLevel.None)
        {
            Separate().Append("rooms:*").Append(RoomGrant.Suffix(Everywhere));
        }

        foreach (var grant in _rooms)
        {
            Separate().Append(grant.Text);
        }

        return text.ToString();

        StringBuilder Separate() => text.Length == 0 ? text : text.Append(' ');
    }

    /// <summary>Gathers grants into a scope.</summary>
    internal sealed class Builder
    {
        private readonly SortedDictionary<string, RoomGrant> _rooms = new(StringComparer.Ordinal);

        public Builder(Scope? start = null)
        {
            if (start is not null)
            {
                CanCreateRooms = start.CanCreateRooms;
                Everywhere = start.Everywhere;
                foreach (var grant in start._rooms)
                {
                    _rooms.Add(grant.Room, grant);
                }
            }
        }

        public bool CanCreateRooms { get; set; }

        public AccessLevel Everywhere { get; set; }

        /// <summary>False when the scope names another agent for this room already: a token acts as one agent in a room.</summary>
        public bool Add(RoomGrant grant)
        {
            if (!_rooms.TryGetValue(grant.Room, out var before))
            {
                _rooms.Add(grant.Room, grant);
                return true;
            }

            if (before.Agent is not null && grant.Agent is not null && !string.Equals(before.Agent, grant.Agent, StringComparison.Ordinal))
            {
                return false;
            }

            var level = before.Level > grant.Level ? before.Level : grant.Level;
            _rooms[grant.Room] = new RoomGrant(grant.Room, level, level == AccessLevel.Admin ? null : before.Agent ?? grant.Agent)
            {
                Views = level == AccessLevel.Views ? before.Views.Union(grant.Views) : ViewSet.None,
            };
            return true;
        }

        public Scope Build() => new(
            CanCreateRooms,
            Everywhere,
            [.. _rooms.Values.Where(grant => grant.Level > Everywhere || (grant.Agent is not null && Everywhere != AccessLevel.Admin))]);
    }
}
