namespace Sync.Cel.Values.Limits;

/// <summary>
/// Watches what one evaluation makes of the time, and so solves it for the next instant at which its result can change.
/// <list type="bullet">
/// <item>The time it gives out is marked, and the mark follows it through sums with durations and differences of timestamps: such a value moves with the clock, or against it.</item>
/// <item>Each comparison of a marked value with one that stands still notes when it will turn out otherwise. Until the earliest of these instants every decision of the evaluation falls the
/// same way, and so its result is the same: <see cref="Next"/>.</item>
/// <item>Hours, days and whole seconds note when they change. What else is made of a marked value, such as its text, moves all the time: <see cref="IsFleeting"/>.</item>
/// </list>
/// One for an evaluation, on its thread.
/// </summary>
public sealed class CelClock
{
    private readonly Int128 _now;
    private Int128 _next = Int128.MaxValue;

    /// <summary>Watches an evaluation at a time.</summary>
    public CelClock(DateTimeOffset now)
    {
        var value = CelValue.Of(now);
        _now = Instants.Nanos(value);
        Now = value.MovingBy(1);
    }

    /// <summary>The time, marked.</summary>
    public CelValue Now { get; }

    /// <summary>The first instant after the time of the evaluation at which its result may be another; null where the clock alone will not change it.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            if (_next == Int128.MaxValue)
            {
                return null;
            }

            // Up to the next 100 nanoseconds, which is the resolution of times here.
            var value = Instants.TimestampOf(_next + 99);
            return value.IsError ? null : value.AsTimestamp;
        }
    }

    /// <summary>Whether the result may be another at any instant.</summary>
    public bool IsFleeting { get; private set; }

    /// <summary>Something that the evaluation rests on changes then.</summary>
    public void ChangesAt(DateTimeOffset instant) => ChangesAt(Instants.Nanos(CelValue.Of(instant)));

    /// <summary>Takes over what was found of a part, now or earlier.</summary>
    public void Absorb(DateTimeOffset? next, bool isFleeting)
    {
        IsFleeting |= isFleeting;
        if (next is { } instant)
        {
            ChangesAt(instant);
        }
    }

    /// <summary>A moving value was used in a way that cannot be followed.</summary>
    internal void Lose() => IsFleeting = true;

    /// <summary>Two values of one kind are compared.</summary>
    internal void Compare(in CelValue left, in CelValue right)
    {
        var slope = left.Slope - right.Slope;
        if (slope is not (1 or -1) || left.Kind != right.Kind)
        {
            // At one distance for ever; or at twice the speed of the clock, which nobody writes.
            IsFleeting |= slope is not (0 or 1 or -1);
            return;
        }

        var distance = Nanos(left) - Nanos(right);
        ChangesAt(distance == 0 ? _now + 1 : _now - (slope * distance));
    }

    /// <summary>A moving value is cut to whole units of so many nanoseconds.</summary>
    internal void Cut(in CelValue value, long unit)
    {
        var rest = Nanos(value) % unit;
        rest = rest < 0 ? rest + unit : rest;
        ChangesAt(_now + (rest == 0 ? 1 : value.Slope > 0 ? unit - rest : rest));
    }

    private void ChangesAt(Int128 instant)
    {
        if (instant > _now && instant < _next)
        {
            _next = instant;
        }
    }

    private static Int128 Nanos(in CelValue value) => value.Kind == CelKind.Timestamp ? Instants.Nanos(value) : value.DurationNanos;
}
