using System.Runtime.InteropServices;
using Sync.Cel.Values.Limits;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.History;

/// <summary>
/// A view's values while a log is replayed. It is fed every state in order and evaluates only those in which something the view reads has changed. What it keeps and how often it evaluates
/// are bounded, in number and in bytes, however many changes there are: when either grows too much it skips every other change from then on, so that what it kept stays evenly spread. One thread.
/// </summary>
internal sealed class ViewSeries(string view, RoomRecord record, VisibleScopes visible, int limit, long bytes, CelBudget budget)
{
    private const int EvaluationsPerStride = 1_000;

    private readonly List<ViewSample> _samples = [];
    private readonly List<object?> _stamps = [];
    private ViewSample? _pending;
    private long _changes;
    private long _stride = 1;
    private int _evaluations;
    private long _bytes;

    /// <summary>Whether it is for a token that shows single views: then a value that could not be worked out does not say why.</summary>
    public bool IsShared { get; init; }

    /// <summary>The room as it is now: what an agent kept that was removed since is in no sample.</summary>
    public required RoomState Present { get; init; }

    /// <summary>Whether changes were skipped.</summary>
    public bool Thinned { get; private set; }

    /// <summary>Takes the next state of the room.</summary>
    public void Add(RoomState state, string? self)
    {
        if (!HasChanged(state, self))
        {
            return;
        }

        if (_changes++ % _stride != 0)
        {
            // The last of what was skipped is looked at in the end.
            Thinned = true;
            _pending = new ViewSample(state.Seq, state.UpdatedAt, state, self);
            return;
        }

        _pending = null;
        Keep(new ViewSample(state.Seq, state.UpdatedAt, state, self));
        if (++_evaluations % EvaluationsPerStride == 0)
        {
            _stride *= 2;
        }
    }

    /// <summary>The samples, oldest first, at most as many as asked for; values that repeat the one before are left out.</summary>
    public IReadOnlyList<ViewSample> Finish()
    {
        if (_pending is { } last)
        {
            Keep(last);
        }

        if (_samples.Count <= limit)
        {
            return _samples;
        }

        // Evenly, and with both ends.
        Thinned = true;
        return limit == 1
            ? [_samples[^1]]
            : [.. Enumerable.Range(0, limit).Select(i => _samples[(int)((long)i * (_samples.Count - 1) / (limit - 1))])];
    }

    private void Keep(ViewSample sample)
    {
        if (sample.Evaluate(view, record, Present, visible, budget, IsShared) is not { } valued)
        {
            return;
        }

        if (_samples.Count > 0 && _samples[^1].Value.Equals(valued.Value))
        {
            return;
        }

        _samples.Add(valued);
        _bytes += Weight(valued);
        while (_samples.Count >= 2 * Math.Max(limit, 2) || (_bytes > bytes && _samples.Count > 1))
        {
            Thinned = true;
            _stride *= 2;
            for (var i = _samples.Count - 1; i > 0; i--)
            {
                if (i % 2 == 1)
                {
                    _bytes -= Weight(_samples[i]);
                    _samples.RemoveAt(i);
                }
            }
        }
    }

    // With what is written around a value.
    private static long Weight(ViewSample sample) => sample.Value.Length + 80;

    private bool HasChanged(RoomState state, string? self)
    {
        var definition = state.Views.GetValueOrDefault(view);
        var expression = definition?.ReadsIn(state, self);
        var enabled = definition?.Enabled?.ReadsIn(state, self: null);

        // What depends on the clock or on conditions of entries is not fixed by what it reads: every event may change it.
        var always = expression is { IsFixed: false } || enabled is { IsFixed: false };
        var stamps = new List<object?>(_stamps.Count) { definition };
        foreach (var reads in (ReadOnlySpan<ReadSet?>)[expression, enabled])
        {
            foreach (var key in reads?.Keys ?? [])
            {
                stamps.Add(key.Scope == StateKey.Cursors ? null : state.Stamp(key));
            }
        }

        if (!always && CollectionsMarshal.AsSpan(stamps).SequenceEqual(CollectionsMarshal.AsSpan(_stamps), ReferenceEqualityComparer.Instance))
        {
            return false;
        }

        _stamps.Clear();
        _stamps.AddRange(stamps);
        return true;
    }
}

/// <summary>A view's value at a moment of the log.</summary>
/// <param name="Seq">The event after which it held.</param>
/// <param name="At">When that was.</param>
/// <param name="State">The room then; let go once evaluated.</param>
/// <param name="Self">Who reads.</param>
internal sealed record ViewSample(long Seq, DateTimeOffset At, RoomState? State, string? Self)
{
    /// <summary>The value, once evaluated.</summary>
    public JsonText Value { get; private init; }

    /// <summary>With its value; null while the view was not there or not enabled.</summary>
    public ViewSample? Evaluate(string view, RoomRecord record, RoomState present, VisibleScopes visible, CelBudget budget, bool isShared)
    {
        // Of the agents that have private scopes now, each only as far back as it is that agent.
        var then = visible.At(Seq);
        var self = Self is not null && (then.Sees(Self) || !visible.Sees(Self)) ? Self : null;
        var reader = new RoomActivation(new Moment(State!, new Runtime.Presence(), At, record) { Present = present }, then, self, budget);
        return ViewValues.Find(reader, view) is { } value
            ? this with { Value = (isShared ? SharedView.Shown(value) : value.For(visible)).Json, State = null }
            : null;
    }
}
