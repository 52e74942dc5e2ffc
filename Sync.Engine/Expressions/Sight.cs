using System.Collections.Immutable;

namespace Sync.Engine.Expressions;

/// <summary>Which private scopes a reader or an expression may see. Scopes beginning with an underscore are open to everyone in the room.</summary>
internal readonly record struct Sight(bool All, ImmutableArray<string> Private)
{
    /// <summary>Only what everyone sees.</summary>
    public static Sight Public => new(All: false, []);

    /// <summary>What an agent sees: its own scope and those granted to it.</summary>
    public static Sight Of(string agent, Rooms.RoomState state)
    {
        ImmutableArray<string> seen = [agent, .. state.GrantedTo(agent)];
        return new Sight(All: false, seen) { Since = [.. seen.Select(scope => state.Agents.GetValueOrDefault(scope)?.Since ?? 0)] };
    }

    public bool Sees(string scope) => All || Names.IsPublic(scope) || (!Private.IsDefaultOrEmpty && Private.Contains(scope));

    /// <summary>
    /// The event from which on each of <see cref="Private"/> belongs to the agent that has it now, in the same order; none for all from the beginning. What an agent that
    /// was removed kept under the same id is nobody's any more, but for who sees everything.
    /// </summary>
    public ImmutableArray<long> Since { get; init; }

    /// <summary>This sight of the room as it was after an event.</summary>
    public Sight At(long seq)
    {
        if (All || Since.IsDefaultOrEmpty || Since.All(since => since <= seq))
        {
            return this;
        }

        var since = Since;
        return new Sight(All: false, [.. Private.Where((_, index) => index >= since.Length || since[index] <= seq)]);
    }

    public bool IsSameAs(Sight other) => All == other.All && (Private.IsDefault ? [] : Private).AsSpan().SequenceEqual((other.Private.IsDefault ? [] : other.Private).AsSpan());

    public Sight Plus(string? scope) =>
        scope is null || Sees(scope) ? this : this with { Private = Private.IsDefaultOrEmpty ? [scope] : Private.Add(scope) };
}
