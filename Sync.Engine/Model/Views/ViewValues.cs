using System.Collections.Immutable;
using Sync.Cel.Values;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Views;

/// <summary>A view's value at one moment. A broken view's value is <c>{"_error": "…"}</c> and <see cref="Error"/> says why.</summary>
/// <param name="Cel">The value for expressions.</param>
/// <param name="Json">The value as JSON.</param>
/// <param name="Error">Why it is broken, or null.</param>
/// <param name="Touched">The private scopes it was made of. The value is published; what an error says of them is for who may read them.</param>
internal sealed record ViewValue(CelValue Cel, JsonText Json, CelError? Error, ImmutableArray<string> Touched)
{
    private string? _text;

    /// <summary>The value's JSON as text, made at first use.</summary>
    public string Text => _text ??= Json.ToString();

    /// <summary>The value as a reader who sees these scopes may see it.</summary>
    public ViewValue For(VisibleScopes reader) => Error is null || ErrorRedaction.MayRead(reader, Touched) ? this : Of(CelValue.Error(ErrorRedaction.Unspecific(Error)), []);

    public static ViewValue Of(CelValue value, ImmutableArray<string> touched)
    {
        if (value.IsError)
        {
            var error = value.AsError;
            return new(value, JsonText.Write(error, static (writer, e) =>
            {
                writer.WriteStartObject();
                writer.WriteString("_error"u8, e.Message);
                writer.WriteEndObject();
            }), error, touched);
        }

        return new(value, JsonText.Write(value, static (writer, v) => v.WriteJson(writer)), Error: null, touched);
    }
}

/// <summary>
/// Evaluates views: lazily, in dependency order by reading through each other, each at most once per change of what it reads.
/// </summary>
internal static class ViewValues
{
    /// <summary>The ids of all views, the synthetic one among them while something is contested.</summary>
    public static IEnumerable<string> Names(RoomState state) =>
        state.Targets.HasContested ? state.Views.Keys.Append(Primitives.Ids.ReservedScopes.ContestedView) : state.Views.Keys;

    /// <summary>A view's value for the activation's reader, or null when there is no such view or it is not enabled.</summary>
    public static ViewValue? Find(RoomActivation reader, string id)
    {
        var state = reader.Moment.State;
        if (id == Primitives.Ids.ReservedScopes.ContestedView)
        {
            return state.Targets.HasContested ? state.Targets.ContestedValue : null;
        }

        if (state.Views.GetValueOrDefault(id) is not { } view || !IsEnabled(reader, view))
        {
            return null;
        }

        return Value(reader, view);
    }

    /// <summary>The value of a view that is known to be enabled.</summary>
    public static ViewValue Value(RoomActivation reader, ViewDefinition view)
    {
        if (reader.TooDeep)
        {
            return Endless(view);
        }

        return reader.Pass.View(
            EvaluationPass.Requested.By(reader, view.Id),
            reader.Clock,
            (reader, view),
            static t =>
            {
                if (t.reader.Moment.HasRemoved)
                {
                    // What was kept of it was worked out while the agent was there.
                    return Timed<ViewValue>.Of(Evaluate(t.reader, t.view), t.reader.Clock);
                }

                // In a view of an agent's scope that agent is self, whoever reads.
                var reads = t.view.ReadsIn(t.reader.Moment.State, t.reader.Self);
                return t.view.MemoFor(t.reader.Frame).Get(
                    t.reader,
                    t.view.SelfFor(t.reader.Self),
                    reads,
                    isShared: !reads.PerAgent || !Primitives.Ids.ReservedScopes.IsPublic(t.view.Scope),
                    Payer.Of(t.view.By),
                    t.view,
                    static (view, outer) => Evaluate(outer, view));
            },
            static t => Endless(t.view));
    }

    /// <summary>Whether a view shows now; the same for every reader.</summary>
    public static bool IsEnabled(RoomActivation reader, ViewDefinition view) =>
        (view.Entry is null || reader.IsTimely(view.Entry))
        && (view.Enabled is not { } enabled || (!reader.TooDeep && IsEnabled(reader, view, enabled)));

    private static bool IsEnabled(RoomActivation reader, ViewDefinition view, Expression enabled) => view.Visibility.Get(
        reader,
        self: null,
        enabled.ReadsIn(reader.Moment.State, self: null),
        isShared: true,
        Payer.Of(view.By),
        view,
        static (view, outer) => Condition.Of(view.Enabled!.Evaluate(outer.ForCondition(Frame.OfCondition(outer.Moment, view))))).ReadBy(reader.Clock).Holds;

    private static ViewValue Evaluate(RoomActivation reader, ViewDefinition view)
    {
        var inside = reader.Inside(Frame.OfView(reader.Frame, reader.Moment, view), view.Registrant);
        var value = view.Expression.Evaluate(inside);
        var made = ViewValue.Of(value, []);

        // Asked last: writing the value out may read more of what it names.
        return made with { Touched = inside.TakeTouched() };
    }

    /// <summary>
    /// Checks that a view about to be registered reads itself through no chain of views; names the chain otherwise.
    /// </summary>
    public static SyncError? CheckCycle(RoomState state, ViewDefinition view)
    {
        var chain = new List<string> { view.Id };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Visit(view.Expression) ? new SyncError(ErrorCode.InvalidCel, $"The view '{view.Id}' would read itself: {string.Join(" → ", chain)}.")
        {
            Hint = "Break the cycle: let one of these views read state instead.",
            Help = "expressions",
        }.With("field", "expr").With("expression", view.Expression.Source) : null;

        bool Visit(Expression expression)
        {
            foreach (var read in expression.Reads)
            {
                if (read.Kind == ReadKind.AllViews)
                {
                    chain.Add("all views");
                    return true;
                }

                // What has been looked through once leads nowhere, by whatever path one comes to it.
                if (read.Kind != ReadKind.View || (read.Key != view.Id && !seen.Add(read.Key!)))
                {
                    continue;
                }

                chain.Add(read.Key!);
                if (read.Key == view.Id || (state.Views.GetValueOrDefault(read.Key!) is { } next && Visit(next.Expression)))
                {
                    return true;
                }

                chain.RemoveAt(chain.Count - 1);
            }

            return false;
        }
    }

    private static ViewValue Endless(ViewDefinition view) =>
        ViewValue.Of(CelValue.Error($"The view '{view.Id}' reads itself, or views are nested too deeply."), []);
}
