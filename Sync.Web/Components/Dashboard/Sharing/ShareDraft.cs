using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Sharing;

/// <summary>A share link being put together: what the form's controls are bound to, and the token they add up to. Belongs to one page.</summary>
public sealed class ShareDraft
{
    /// <summary>How the label of a link's token begins; what follows is its name.</summary>
    public const string Label = "Share link";

    private const int LongestName = 100;

    private readonly HashSet<string> _ticked = new(StringComparer.Ordinal);

    /// <summary>What the link is called, or empty.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether it shows single surfaces, or everything a reader sees. A link begins with the least it can show: what more it shows, somebody has to choose.</summary>
    public bool OnlySurfaces { get; set; } = true;

    /// <summary>When it expires, in hours; 0 is not before it is revoked.</summary>
    public int Hours { get; set; } = Lifetimes.Week;

    /// <summary>Whether a surface is ticked.</summary>
    public bool Has(string view) => _ticked.Contains(view);

    /// <summary>Ticks a surface or takes the tick off, with what it gathers: a section without its surfaces would be an empty frame.</summary>
    public void Tick(ShareChoice choice, bool on, IReadOnlyList<ShareChoice> all)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<ShareChoice>([choice]);
        while (waiting.TryPop(out var next))
        {
            if (!seen.Add(next.View))
            {
                continue;
            }

            if (on)
            {
                _ticked.Add(next.View);
            }
            else
            {
                _ticked.Remove(next.View);
            }

            foreach (var member in all.Where(other => next.Members.Contains(other.View)))
            {
                waiting.Push(member);
            }
        }
    }

    /// <summary>Ticks the only surface of a room that has one: there is nothing to choose.</summary>
    public void TickOnly(IReadOnlyList<ShareChoice> all)
    {
        if (all is [var only])
        {
            Tick(only, on: true, all);
        }
    }

    /// <summary>What the link's holder reaches; null while no surface is ticked that the room has.</summary>
    public RoomReach? Reach(RoomInfo room, IReadOnlyList<ShareChoice> choices) =>
        Scope.Parse(ScopeOf(room.Id, choices)).Try(out var scope, out _) ? RoomReach.OfToken(scope, room.Id, room.Role ?? Role.Owner, room.Join) : null;

    /// <summary>What to mint; null while no surface is ticked that the room has.</summary>
    public MintToken? Request(string room, IReadOnlyList<ShareChoice> choices)
    {
        var scope = ScopeOf(room, choices);
        var name = Name.Trim();
        return scope.Length == 0 ? null : new MintToken
        {
            Scope = scope,
            Label = name.Length == 0 ? Label : $"{Label}: {(name.Length > LongestName ? name[..LongestName] : name)}",
            ExpiresIn = Lifetimes.Of(Hours),
        };
    }

    private string ScopeOf(string room, IReadOnlyList<ShareChoice> choices) => OnlySurfaces
        ? Scope.TextOf(room, choices.Select(choice => choice.View).Where(Has))
        : Scope.TextOf(room, AccessLevel.Read, agent: null);
}
