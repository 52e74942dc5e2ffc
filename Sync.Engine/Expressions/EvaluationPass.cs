using Sync.Engine.Actions;
using Sync.Engine.Views;

namespace Sync.Engine.Expressions;

/// <summary>
/// What one look at a room has worked out so far. Everything evaluated within it, however deeply, shares it: views, guards and conditions of entries read each other,
/// and without it the work grows with the number of paths between them instead of with their number. One reader, one moment, one thread.
/// </summary>
internal sealed class EvaluationPass
{
    // Beside the id stands whether it was asked for by an entry's condition: those count every entry as visible. Null: being worked out.
    private readonly Dictionary<(string Id, bool InVisibility), ViewValue?> _views = [];
    private readonly Dictionary<(string Id, bool InVisibility), AvailabilityAnswer?> _actions = [];

    /// <summary>A view's value; <paramref name="cyclic"/> where the view is being worked out already.</summary>
    public ViewValue View<TState>(string id, bool inVisibility, TState state, Func<TState, ViewValue> evaluate, Func<TState, ViewValue> cyclic) =>
        Once(_views, (id, inVisibility), state, evaluate, cyclic);

    /// <summary>An action's availability; <paramref name="cyclic"/> where it is being worked out already.</summary>
    public AvailabilityAnswer Action<TState>(string id, bool inVisibility, TState state, Func<TState, AvailabilityAnswer> evaluate, Func<TState, AvailabilityAnswer> cyclic) =>
        Once(_actions, (id, inVisibility), state, evaluate, cyclic);

    private static T Once<T, TState>(Dictionary<(string Id, bool InVisibility), T?> known, (string Id, bool InVisibility) key, TState state, Func<TState, T> evaluate, Func<TState, T> cyclic)
        where T : class
    {
        if (known.TryGetValue(key, out var value))
        {
            return value ?? cyclic(state);
        }

        known[key] = null;
        return known[key] = evaluate(state);
    }
}
