using System.Collections.Immutable;

namespace Sync.Engine.Timers;

/// <summary>What a timer stands on: an entry, or an action's cooldown.</summary>
internal readonly record struct TimerTarget(string Scope, string Key, bool Cooldown)
{
    public static TimerTarget CooldownOf(string action) => new(Names.Actions, action, Cooldown: true);
}

/// <summary>The running timers of a room, by moment and by the key they tick on. Immutable.</summary>
internal sealed class TimerIndex
{
    private static readonly IComparer<(DateTimeOffset At, TimerTarget Target)> s_byMoment =
        Comparer<(DateTimeOffset At, TimerTarget Target)>.Create(static (x, y) =>
        {
            var order = x.At.CompareTo(y.At);
            order = order != 0 ? order : string.CompareOrdinal(x.Target.Scope, y.Target.Scope);
            order = order != 0 ? order : string.CompareOrdinal(x.Target.Key, y.Target.Key);
            return order != 0 ? order : x.Target.Cooldown.CompareTo(y.Target.Cooldown);
        });

    private readonly ImmutableSortedSet<(DateTimeOffset At, TimerTarget Target)> _due;
    private readonly ImmutableDictionary<(string Scope, string Key), ImmutableHashSet<TimerTarget>> _ticking;

    private TimerIndex(
        ImmutableSortedSet<(DateTimeOffset At, TimerTarget Target)> due,
        ImmutableDictionary<(string Scope, string Key), ImmutableHashSet<TimerTarget>> ticking)
    {
        _due = due;
        _ticking = ticking;
    }

    public static TimerIndex Empty { get; } = new(
        ImmutableSortedSet.Create(s_byMoment),
        ImmutableDictionary<(string Scope, string Key), ImmutableHashSet<TimerTarget>>.Empty);

    /// <summary>
    /// The first moment after <paramref name="swept"/>, or null. An ended cooldown stays in the index until the action's next use, so the sweep's own position
    /// matters, not what is oldest.
    /// </summary>
    public DateTimeOffset? NextAfter(DateTimeOffset swept)
    {
        var index = FirstAfter(swept);
        return index < _due.Count ? _due[index].At : null;
    }

    /// <summary>Targets whose moment lies after <paramref name="swept"/> and not after <paramref name="now"/>, in order.</summary>
    public IEnumerable<TimerTarget> Due(DateTimeOffset swept, DateTimeOffset now)
    {
        for (var index = FirstAfter(swept); index < _due.Count && _due[index].At <= now; index++)
        {
            yield return _due[index].Target;
        }
    }

    /// <summary>Whether any timer counts writes.</summary>
    public bool IsTicking => _ticking.Count > 0;

    /// <summary>Targets that count writes of a key.</summary>
    public IEnumerable<TimerTarget> TickingOn(string scope, string key) =>
        !IsTicking ? [] : _ticking.GetValueOrDefault((scope, key), []);

    public TimerIndex Replace(TimerTarget target, EntryTimer? before, EntryTimer? after)
    {
        if (before == after)
        {
            return this;
        }

        var due = _due;
        var ticking = _ticking;
        if (before?.At is { } old)
        {
            due = due.Remove((old, target));
        }
        else if (before is not null)
        {
            var cell = (before.TickScope!, before.TickKey!);
            var left = ticking[cell].Remove(target);
            ticking = left.IsEmpty ? ticking.Remove(cell) : ticking.SetItem(cell, left);
        }

        if (after?.At is { } at)
        {
            due = due.Add((at, target));
        }
        else if (after is not null)
        {
            var cell = (after.TickScope!, after.TickKey!);
            ticking = ticking.SetItem(cell, ticking.GetValueOrDefault(cell, []).Add(target));
        }

        return new(due, ticking);
    }

    private int FirstAfter(DateTimeOffset moment)
    {
        var (low, high) = (0, _due.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _due[middle].At > moment ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
