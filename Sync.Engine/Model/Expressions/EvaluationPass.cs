using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Views;

namespace Sync.Engine.Model.Expressions;

/// <summary>
/// What one evaluation over a room has worked out so far. Everything evaluated within it, however deeply, shares it: views, guards and conditions of entries read each other,
/// and without it the work grows with the number of paths between them instead of with their number. One reader, one moment, one thread.
/// </summary>
internal sealed class EvaluationPass
{
    // Made at first use: most actions read neither. A null value: being worked out.
    private Dictionary<Requested, Timed<ViewValue>?>? _views;
    private Dictionary<Requested, Timed<AvailabilityAnswer>?>? _actions;

    /// <summary>A view's value; <paramref name="cyclic"/> where the view is being worked out already.</summary>
    public ViewValue View<TState>(in Requested asked, CelClock clock, TState state, Func<TState, Timed<ViewValue>> evaluate, Func<TState, ViewValue> cyclic) =>
        Once(_views ??= [], asked, clock, state, evaluate, cyclic);

    /// <summary>An action's availability; <paramref name="cyclic"/> where it is being worked out already.</summary>
    public AvailabilityAnswer Action<TState>(in Requested asked, CelClock clock, TState state, Func<TState, Timed<AvailabilityAnswer>> evaluate, Func<TState, AvailabilityAnswer> cyclic) =>
        Once(_actions ??= [], asked, clock, state, evaluate, cyclic);

    // Whoever reads it rests on its instants too, also when it was worked out for somebody else before.
    private static T Once<T, TState>(Dictionary<Requested, Timed<T>?> known, in Requested key, CelClock clock, TState state, Func<TState, Timed<T>> evaluate, Func<TState, T> cyclic)
        where T : class
    {
        if (!known.TryGetValue(key, out var value))
        {
            known[key] = null;
            known[key] = value = evaluate(state);
        }

        return value is null ? cyclic(state) : value.ReadBy(clock);
    }

    /// <summary>What its value hangs on beside the moment.</summary>
    /// <param name="Id">The view or action.</param>
    /// <param name="InVisibility">Whether a condition asked for it: those count every entry as visible.</param>
    /// <param name="Self">As whom it is read.</param>
    /// <param name="ReadsSelf">Whether it may read <c>state.self</c>.</param>
    internal readonly record struct Requested(string Id, bool InVisibility, string? Self, bool ReadsSelf)
    {
        public static Requested By(RoomActivation outer, string id) => new(id, outer.InVisibility, outer.Self, outer.Frame.PassesSelf);
    }
}
