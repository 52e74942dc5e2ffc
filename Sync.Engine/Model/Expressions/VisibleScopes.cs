using System.Collections.Immutable;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Expressions;

/// <summary>Which private scopes a reader or an expression may see. Scopes beginning with an underscore are open to everyone in the room.</summary>
internal readonly record struct VisibleScopes(bool All, ImmutableArray<string> Private)
{
    /// <summary>Only what everyone sees.</summary>
    public static VisibleScopes Public => new(All: false, []);

    /// <summary>What an agent sees: its own scope and those granted to it.</summary>
    public static VisibleScopes Of(string agent, Model.State.RoomState state)
    {
        if (state.GrantingCount == 0)
        {
            // Nearly always, and asked for each call.
            return new VisibleScopes(All: false, [agent]) { Since = [state.Agents.GetValueOrDefault(agent)?.Since ?? 0] };
        }

        ImmutableArray<string> seen = [agent, .. state.GrantedTo(agent)];
        return new VisibleScopes(All: false, seen) { Since = [.. seen.Select(scope => state.Agents.GetValueOrDefault(scope)?.Since ?? 0)] };
    }

    /// <summary>Whether a scope is open. What the engine keeps of approvals is to nobody: who may read which part of it is told by the approval.</summary>
    public bool Sees(string scope) => (All && scope != ReservedScopes.ApprovalDetails) || ReservedScopes.IsPublic(scope) || (!Private.IsDefaultOrEmpty && Private.Contains(scope));

    /// <summary>
    /// The event from which on each of <see cref="Private"/> belongs to the agent that has it now, in the same order; none for all from the beginning. What an agent that
    /// was removed kept under the same id is nobody's any more, but for who sees everything.
    /// </summary>
    public ImmutableArray<long> Since { get; init; }

    /// <summary>The same reader's visible scopes in the room as it was after an event.</summary>
    public VisibleScopes At(long seq)
    {
        if (All || Since.IsDefaultOrEmpty || Since.All(since => since <= seq))
        {
            return this;
        }

        var since = Since;
        return new VisibleScopes(All: false, [.. Private.Where((_, index) => index >= since.Length || since[index] <= seq)]);
    }

    public bool IsSameAs(VisibleScopes other) => All == other.All && (Private.IsDefault ? [] : Private).AsSpan().SequenceEqual((other.Private.IsDefault ? [] : other.Private).AsSpan());

    public VisibleScopes Plus(string? scope) =>
        scope is null || Sees(scope) ? this : this with { Private = Private.IsDefaultOrEmpty ? [scope] : Private.Add(scope) };
}
