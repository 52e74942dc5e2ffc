using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;

namespace Sync.Engine.Model.Expressions;

/// <summary>
/// Keeps what expressions read, so that a context read does not follow every guard and view down to the state again. What they read hangs on their text, on the
/// other views and actions they go through, for some on the reader, and on which entries have conditions: what is read through those is kept
/// for as long as their scope stays as it is. Any thread; a lost race costs one more resolution.
/// </summary>
internal sealed class ReadMemo(ImmutableArray<Expression> expressions)
{
    private const int MaxAgents = 256;

    private ConcurrentDictionary<string, Slot>? _perAgent;
    private Slot? _shared;

    /// <summary>What they read in a given room for a given reader.</summary>
    public ReadSet In(RoomState state, string? self)
    {
        if (Volatile.Read(ref _shared) is { } shared && shared.Holds(state))
        {
            return shared.Reads;
        }

        if (self is not null && Volatile.Read(ref _perAgent) is { } perAgent && perAgent.TryGetValue(self, out var own) && own.Holds(state))
        {
            return own.Reads;
        }

        var resolver = new ReadResolver(state, self);
        foreach (var expression in expressions)
        {
            resolver.Add(expression);
        }

        var reads = resolver.ToSet();
        if (!resolver.MeetsConditions || !reads.Keys.Contains(StateKey.Everything))
        {
            Keep(
                new Slot(
                    reads,
                    resolver.DependsOnDefinitions ? state.Views : null,
                    resolver.DependsOnDefinitions ? state.Actions : null,
                    resolver.MeetsConditions ? Conditional(reads, state) : []),
                self);
        }

        return reads;
    }

    private static ImmutableArray<ScopeState> Conditional(ReadSet reads, RoomState state) =>
        [.. reads.Keys.Select(key => key.Scope).Distinct().Select(scope => state.Scope(scope!)).OfType<ScopeState>().Where(cells => cells.Conditional > 0)];

    private void Keep(Slot slot, string? self)
    {
        if (!slot.Reads.PerAgent)
        {
            Volatile.Write(ref _shared, slot);
        }
        else if (self is not null)
        {
            var perAgent = LazyInitializer.EnsureInitialized(ref _perAgent, static () => new(StringComparer.Ordinal));
            if (perAgent.Count >= MaxAgents)
            {
                perAgent.Clear();
            }

            perAgent[self] = slot;
        }
    }

    /// <param name="Reads">What was found.</param>
    /// <param name="Views">The views it went through are these, or null when it went through none.</param>
    /// <param name="Actions">The same of the actions.</param>
    /// <param name="Conditional">The scopes it went through in which entries have conditions, as they were: what is read there comes and goes with the entries.</param>
    private sealed record Slot(
        ReadSet Reads,
        ImmutableSortedDictionary<string, ViewDefinition>? Views,
        ImmutableSortedDictionary<string, ActionState>? Actions,
        ImmutableArray<ScopeState> Conditional)
    {
        public bool Holds(RoomState state) =>
            (Views is null || (ReferenceEquals(Views, state.Views) && ReferenceEquals(Actions, state.Actions))) && HasSameConditions(state);

        private bool HasSameConditions(RoomState state)
        {
            foreach (var scope in Conditional)
            {
                if (!ReferenceEquals(state.Scope(scope.Name), scope))
                {
                    return false;
                }
            }

            if (!state.HasConditionalEntries)
            {
                return true;
            }

            foreach (var key in Reads.Keys)
            {
                if (key.Scope is null || (state.Scope(key.Scope) is { Conditional: > 0 } cells && !Conditional.Contains(cells)))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
