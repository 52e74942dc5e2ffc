using System.Collections.Immutable;

namespace Sync.Engine.Expressions;

/// <summary>Which private scopes a reader or an expression may see. Scopes beginning with an underscore are open to everyone in the room.</summary>
internal readonly record struct Sight(bool All, ImmutableArray<string> Private)
{
    /// <summary>Only what everyone sees.</summary>
    public static Sight Public => new(All: false, []);

    /// <summary>What an agent sees: its own scope and those granted to it.</summary>
    public static Sight Of(string agent, Rooms.RoomState state) => new(All: false, [agent, .. state.GrantedTo(agent)]);

    public bool Sees(string scope) => All || Names.IsPublic(scope) || (!Private.IsDefaultOrEmpty && Private.Contains(scope));

    public bool IsSameAs(Sight other) => All == other.All && (Private.IsDefault ? [] : Private).AsSpan().SequenceEqual((other.Private.IsDefault ? [] : other.Private).AsSpan());

    public Sight Plus(string? scope) =>
        scope is null || Sees(scope) ? this : this with { Private = Private.IsDefaultOrEmpty ? [scope] : Private.Add(scope) };
}
