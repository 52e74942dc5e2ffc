using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;

namespace Sync.Web.Components.Manage;

/// <summary>
/// A scope being put together by hand: what the form's controls are bound to, and the text they add up to. Belongs to one page.
/// </summary>
public sealed class ScopeDraft
{
    private readonly Dictionary<string, RoomDraft> _rooms = new(StringComparer.Ordinal);

    /// <summary>Whether rooms may be created.</summary>
    public bool CreatesRooms { get; set; }

    /// <summary>The level in every room; none to name single rooms only.</summary>
    public AccessLevel Everywhere { get; set; }

    /// <summary>The rooms that have been touched, by id.</summary>
    public IEnumerable<RoomDraft> Rooms => _rooms.Values.OrderBy(room => room.Id, StringComparer.Ordinal);

    /// <summary>The scope text, canonical; empty while nothing is granted or while an agent's name is wrong.</summary>
    public string Text => Parse() is { } scope ? scope.Text : "";

    /// <summary>Why there is no text yet, or null.</summary>
    public string? Missing
    {
        get
        {
            if (_rooms.Values.FirstOrDefault(room => room.IsIncomplete) is { } room)
            {
                return $"Name the agent to act as in {room.Id}: 1 to 64 letters, digits and . _ - :";
            }

            return Parse() is null ? "Pick at least one thing." : null;
        }
    }

    /// <summary>A draft of an existing scope.</summary>
    public static ScopeDraft Of(string text)
    {
        var draft = new ScopeDraft();
        if (Scope.Parse(text).Try(out var scope, out _))
        {
            draft.CreatesRooms = scope.CanCreateRooms;
            draft.Everywhere = scope.Everywhere;
            foreach (var room in scope.Rooms)
            {
                var line = draft.Room(room);
                line.Agent = scope.AgentFor(room) ?? "";
                line.Choice = line.Agent.Length > 0 ? RoomChoice.Agent : ChoiceOf(scope.LevelFor(room));
                line.Views = scope.ViewsFor(room) ?? [];
            }
        }

        return draft;
    }

    /// <summary>The line of a room; made when first asked for, granting nothing.</summary>
    public RoomDraft Room(string id)
    {
        if (!_rooms.TryGetValue(id, out var room))
        {
            _rooms.Add(id, room = new RoomDraft(id));
        }

        return room;
    }

    private Scope? Parse()
    {
        var parts = new List<string>();
        if (CreatesRooms)
        {
            parts.Add("create_rooms");
        }

        if (Everywhere != AccessLevel.None)
        {
            parts.Add(Sync.Web.Components.Account.Consent.ScopeOffer.EverywhereText(Everywhere));
        }

        foreach (var room in _rooms.Values)
        {
            if (room.IsIncomplete)
            {
                return null;
            }

            if (room.Text is { } text)
            {
                parts.Add(text);
            }
        }

        return parts.Count > 0 && Scope.Parse(string.Join(' ', parts)).Try(out var scope, out _) ? scope : null;
    }

    private static RoomChoice ChoiceOf(AccessLevel level) => level switch
    {
        AccessLevel.None => RoomChoice.None,
        AccessLevel.Views => RoomChoice.Views,
        AccessLevel.Read => RoomChoice.Read,
        AccessLevel.Write => RoomChoice.Write,
        _ => RoomChoice.Everything,
    };
}

/// <summary>One room of a <see cref="ScopeDraft"/>.</summary>
/// <param name="id">The room.</param>
public sealed class RoomDraft(string id)
{
    /// <summary>The room.</summary>
    public string Id { get; } = id;

    /// <summary>What is granted there.</summary>
    public RoomChoice Choice { get; set; }

    /// <summary>With <see cref="RoomChoice.Agent"/>: the agent.</summary>
    public string Agent { get; set; } = "";

    /// <summary>The views that the scope showed of the room to begin with; empty for one that did not single any out.</summary>
    public IReadOnlyList<string> Views { get; set; } = [];

    /// <summary>With <see cref="RoomChoice.Views"/>: those of them that it shall show no more.</summary>
    public ISet<string> Hidden { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Whether an agent is to be named and is not, or not by a possible id.</summary>
    public bool IsIncomplete => Choice == RoomChoice.Agent && !IsAgent(Agent.Trim());

    /// <summary>The grant's text, or null when there is none.</summary>
    public string? Text => Choice switch
    {
        RoomChoice.Views => Scope.TextOf(Id, Views.Where(view => !Hidden.Contains(view))) is { Length: > 0 } text ? text : null,
        RoomChoice.Read => Scope.TextOf(Id, AccessLevel.Read, agent: null),
        RoomChoice.Write => Scope.TextOf(Id, AccessLevel.Write, agent: null),
        RoomChoice.Everything => Scope.TextOf(Id, AccessLevel.Admin, agent: null),
        RoomChoice.Agent when !IsIncomplete => Scope.TextOf(Id, AccessLevel.Write, Agent.Trim()),
        _ => null,
    };

    // Whether the grammar takes it, the grammar itself says.
    private static bool IsAgent(string agent) =>
        agent.Length > 0 && !agent.Any(char.IsWhiteSpace) && Scope.Parse(Scope.TextOf("room", AccessLevel.Write, agent)).Try(out var scope, out _) && scope.AgentFor("room") == agent;
}

/// <summary>What a draft grants in a room.</summary>
public enum RoomChoice
{
    /// <summary>Nothing of its own.</summary>
    None,
    /// <summary>See single surfaces only.</summary>
    Views,
    /// <summary>Read.</summary>
    Read,
    /// <summary>Read, and act as the user's own agent.</summary>
    Write,
    /// <summary>Everything.</summary>
    Everything,
    /// <summary>Read, and act as one agent only.</summary>
    Agent,
}
