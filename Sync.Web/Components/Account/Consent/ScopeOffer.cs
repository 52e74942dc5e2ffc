using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;

namespace Sync.Web.Components.Account.Consent;

/// <summary>
/// What a person can pick from when a program asks for access, and what they have picked so far. Each choice is a form field of the name
/// <see cref="Field"/> whose value is scope text, or nothing: the texts together are the scope, so the form works without a script.
/// The engine checks again that it is within what was asked and what the person holds.
/// </summary>
public sealed class ScopeOffer
{
    /// <summary>The form field's name.</summary>
    public const string Field = "grant";

    private readonly Scope? _picked;

    /// <param name="grantable">What may be granted.</param>
    /// <param name="picked">What was picked when the form came back; null when it is shown first, with all that was asked picked.</param>
    public ScopeOffer(GrantableScope grantable, IEnumerable<string?>? picked)
    {
        var text = picked is null ? string.Join(' ', grantable.Parts.Select(part => part.Text)) : TextOf(picked);
        _picked = Scope.Parse(text).Try(out var scope, out _) ? scope : null;
        var offered = Scope.Parse(string.Join(' ', grantable.Parts.Select(part => part.Text))).Try(out scope, out _) ? scope : null;
        CanCreateRooms = offered?.CanCreateRooms ?? false;
        Everywhere = offered?.Everywhere ?? AccessLevel.None;
        Rooms = [.. grantable.Rooms.Select(room => Choice(room))];
        Withheld = grantable.Withheld;
    }

    /// <summary>Whether creating rooms was asked.</summary>
    public bool CanCreateRooms { get; }

    /// <summary>Whether creating rooms is picked.</summary>
    public bool CreatesRooms => _picked?.CanCreateRooms ?? false;

    /// <summary>The most that may be granted in every room; none when single rooms were asked.</summary>
    public AccessLevel Everywhere { get; }

    /// <summary>What is picked for every room.</summary>
    public AccessLevel PickedEverywhere => _picked?.Everywhere ?? AccessLevel.None;

    /// <summary>The single rooms to pick from.</summary>
    public IReadOnlyList<RoomOffer> Rooms { get; }

    /// <summary>What was asked and cannot be granted, as scope text.</summary>
    public IReadOnlyList<string> Withheld { get; }

    /// <summary>Whether there is anything to pick.</summary>
    public bool IsEmpty => !CanCreateRooms && Everywhere == AccessLevel.None && Rooms.Count == 0;

    /// <summary>The levels up to <paramref name="max"/>, the lowest first.</summary>
    public static IEnumerable<AccessLevel> UpTo(AccessLevel max) => Enum.GetValues<AccessLevel>().Where(level => level >= AccessLevel.Read && level <= max);

    /// <summary>The scope text of one level in every room.</summary>
    public static string EverywhereText(AccessLevel level) => level switch
    {
        AccessLevel.Read => "rooms:*:read",
        AccessLevel.Write => "rooms:*:write",
        _ => "rooms:*",
    };

    /// <summary>The form's fields as one scope text; empty when nothing is picked.</summary>
    public static string TextOf(IEnumerable<string?> fields) => string.Join(' ', fields.Where(field => !string.IsNullOrWhiteSpace(field)).Select(field => field!.Trim())); // Not null: just asked.

    private RoomOffer Choice(GrantableRoom room)
    {
        IReadOnlyList<LevelOffer> levels = room.Agent is { } agent
            ? [new LevelOffer(Scope.TextOf(room.Id, AccessLevel.Write, agent), $"Act as {agent}")]
            : room.Views is { } views ? [new LevelOffer(Scope.TextOf(room.Id, views), views.Count == 1 ? "See 1 surface" : $"See {views.Count} surfaces")]
            : [.. UpTo(room.Level).Select(level => new LevelOffer(Scope.TextOf(room.Id, level, agent: null), GrantWords.Level(level)))];

        // A room that only "every room" reaches is not singled out, so its own choice stays empty.
        var named = _picked?.Rooms.Contains(room.Id, StringComparer.Ordinal) ?? false;
        var picked = named ? _picked!.TextIn(room.Id) : null; // Not null: it names the room.
        return new RoomOffer(room.Id, room.Name, levels, picked);
    }
}

/// <summary>A room to pick.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its human name, or null.</param>
/// <param name="Levels">What may be granted there.</param>
/// <param name="Picked">The text of the level picked, or null.</param>
public sealed record RoomOffer(string Id, string? Name, IReadOnlyList<LevelOffer> Levels, string? Picked);

/// <summary>One level of a room.</summary>
/// <param name="Text">Scope text.</param>
/// <param name="Words">The same for people.</param>
public sealed record LevelOffer(string Text, string Words);
