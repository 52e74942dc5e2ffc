using System.Collections.Immutable;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Timers;

/// <summary>The target of a timer: an entry, or an action's cooldown.</summary>
internal readonly record struct TimerTarget(string Scope, string Key, bool Cooldown)
{
    public static TimerTarget CooldownOf(string action) => new(ReservedScopes.Actions, action, Cooldown: true);
}

/// <summary>Both clocks at one moment.</summary>
/// <param name="Room">The room's.</param>
/// <param name="Wall">The time as people see it, which may be set back.</param>
internal readonly record struct Clocks(DateTimeOffset Room, DateTimeOffset Wall)
{
    /// <summary>Before every timer.</summary>
    public static Clocks Start { get; } = new(DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>After every timer.</summary>
    public static Clocks End { get; } = new(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);

    /// <summary>Whether a timer was due by then.</summary>
    public bool HasPassed(EntryTimer timer) => timer.At <= (timer.IsOnWall ? Wall : Room);
}

/// <summary>The running timers of a room, by moment (of either clock) and by the key they tick on. Immutable.</summary>
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
    private readonly ImmutableSortedSet<(DateTimeOffset At, TimerTarget Target)> _onWall;
    private readonly ImmutableDictionary<(string Scope, string Key), ImmutableHashSet<TimerTarget>> _ticking;

    private TimerIndex(
        ImmutableSortedSet<(DateTimeOffset At, TimerTarget Target)> due,
        ImmutableSortedSet<(DateTimeOffset At, TimerTarget Target)> onWall,
        ImmutableDictionary<(string Scope, string Key), ImmutableHashSet<TimerTarget>> ticking)
    {
        _due = due;
        _onWall = onWall;
        _ticking = ticking;
    }

    public static TimerIndex Empty { get; } = new(
        ImmutableSortedSet.Create(s_byMoment),
        ImmutableSortedSet.Create(s_byMoment),
        ImmutableDictionary<(string Scope, string Key), ImmutableHashSet<TimerTarget>>.Empty);

    /// <summary>
    /// The first moment after <paramref name="swept"/>, by the room's clock, or null. An ended cooldown stays in the index until the action's next use, so the sweep's own position
    /// matters, not what is oldest.
    /// </summary>
    /// <param name="swept">Up to where timers have been run.</param>
    /// <param name="ahead">How far the room's clock is ahead of the time as people see it.</param>
    public DateTimeOffset? NextAfter(Clocks swept, TimeSpan ahead)
    {
        var next = FirstAfter(_due, swept.Room) is var index && index < _due.Count ? _due[index].At : (DateTimeOffset?)null;
        if (FirstAfter(_onWall, swept.Wall) is var first && first < _onWall.Count)
        {
            var at = _onWall[first].At;
            var there = at < DateTimeOffset.MaxValue - ahead ? at + ahead : at;
            return next < there ? next : there;
        }

        return next;
    }

    /// <summary>Targets whose moment lies after <paramref name="swept"/> and not after <paramref name="now"/>, in order.</summary>
    public IEnumerable<TimerTarget> Due(Clocks swept, Clocks now) => Between(_due, swept.Room, now.Room).Concat(Between(_onWall, swept.Wall, now.Wall));

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
        var onWall = _onWall;
        var ticking = _ticking;
        if (before?.At is { } old)
        {
            (due, onWall) = before.IsOnWall ? (due, onWall.Remove((old, target))) : (due.Remove((old, target)), onWall);
        }
        else if (before is not null)
        {
            var cell = (before.TickScope!, before.TickKey!);
            var left = ticking[cell].Remove(target);
            ticking = left.IsEmpty ? ticking.Remove(cell) : ticking.SetItem(cell, left);
        }

        if (after?.At is { } at)
        {
            (due, onWall) = after.IsOnWall ? (due, onWall.Add((at, target))) : (due.Add((at, target)), onWall);
        }
        else if (after is not null)
        {
            var cell = (after.TickScope!, after.TickKey!);
            ticking = ticking.SetItem(cell, ticking.GetValueOrDefault(cell, []).Add(target));
        }

        return new(due, onWall, ticking);
    }

    private static IEnumerable<TimerTarget> Between(ImmutableSortedSet<(DateTimeOffset At, TimerTarget Target)> due, DateTimeOffset swept, DateTimeOffset now)
    {
        for (var index = FirstAfter(due, swept); index < due.Count && due[index].At <= now; index++)
        {
            yield return due[index].Target;
        }
    }

    private static int FirstAfter(ImmutableSortedSet<(DateTimeOffset At, TimerTarget Target)> due, DateTimeOffset moment)
    {
        var (low, high) = (0, due.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = due[middle].At > moment ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
