using System.Runtime.CompilerServices;

namespace Sync.Cel.Values.Limits;

/// <summary>
/// What one request may spend on expressions. Everything that the request evaluates shares it, nested evaluations included.
/// <list type="bullet">
/// <item>Work is charged before it is done. Once there is nothing left there never is again, and every evaluation on this budget ends
/// with the limit error, whatever <c>||</c> or a broken part of it made of that.</item>
/// <item>The units are the bound: deterministic, the same on every machine. The deadline is the second line, for work that is dearer
/// than what it was charged; it counts the time of evaluations only, not what the request waits for in between.</item>
/// <item>Used by one thread at a time.</item>
/// </list>
/// </summary>
public sealed class CelBudget
{
    // Between two readings of the clock: about a tenth of a millisecond.
    private const long UnitsPerLook = 4096;

    // What costs less is paid each time it is read; remembering that it was paid would be dearer.
    private const long LeastRemembered = 64;

    private readonly TimeProvider _time;
    private readonly TimeSpan _deadline;

    // Below zero: exhausted. Nodes of a plan take their own unit without a look, since a plan is finite.
    private long _left;

    // Where the next reading of the clock is due.
    private long _floor;
    private int _depth;
    private long? _began;
    private TimeSpan _elapsed;
    private HashSet<object>? _paid;

    /// <summary>A budget of <see cref="CelLimits.Cost"/> units and <see cref="CelLimits.Deadline"/>.</summary>
    public CelBudget(CelLimits limits, TimeProvider? time = null)
        : this(limits.Cost, limits.Deadline, time)
    {
    }

    /// <summary>A budget of so many units.</summary>
    /// <param name="units">Units that may be spent.</param>
    /// <param name="deadline">How long evaluations may take together.</param>
    /// <param name="time">The clock of the deadline; the system's when left out.</param>
    public CelBudget(long units, TimeSpan deadline, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(units);
        Units = units;
        _deadline = deadline;
        _time = time ?? TimeProvider.System;
        _left = units;
        _floor = Math.Max(0, units - UnitsPerLook);
    }

    /// <summary>The error of an evaluation that ends because its budget is exhausted: code <c>cel_limit_exceeded</c>.</summary>
    public static CelValue Exceeded => Errors.Cost;

    /// <summary>What it began with.</summary>
    public long Units { get; }

    /// <summary>What is left, never below zero.</summary>
    public long Left => Math.Max(0, _left);

    /// <summary>What has been spent.</summary>
    public long Spent => Units - Left;

    /// <summary>Whether something could not be paid, or took too long. Stays so.</summary>
    public bool IsExhausted => _left < 0;

    /// <summary>For nodes of a plan, which take their own unit without asking.</summary>
    internal ref long Meter => ref _left;

    /// <summary>Takes <paramref name="units"/>, at least 0; false when they are not there, and the work must not be done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Charge(long units)
    {
        // Above the floor there is neither an end nor a reading of the clock; this also keeps the sum from wrapping around.
        if (units <= _left - _floor)
        {
            _left -= units;
            return true;
        }

        return ChargeSlowly(units);
    }

    /// <summary>
    /// Takes the price of reading one stored thing: in full the first time this budget meets it, one unit afterwards. Whether somebody else has read
    /// it before, so that it lies converted in memory, makes no difference.
    /// </summary>
    /// <param name="thing">What is read, identified by reference.</param>
    /// <param name="units">Its price.</param>
    public bool ChargeOnce(object thing, long units) =>
        units < LeastRemembered ? Charge(units)
        : (_paid ??= new HashSet<object>(ReferenceEqualityComparer.Instance)).Add(thing) ? Charge(units)
        : Charge(1);

    /// <summary>The price of reading so many bytes of JSON: what converting them takes.</summary>
    public static long PriceOfJson(long bytes) => 1 + (bytes >> 5);

    /// <summary>
    /// A part of it for one of many things that a request reads, so that none of them can leave the others without: at most <paramref name="max"/>, and <paramref name="least"/> even when
    /// nothing is left. What it spends is taken by <see cref="Take"/>.
    /// </summary>
    public CelBudget Part(long max, long least) => new(Math.Max(least, Math.Min(max, Left)), _deadline, _time);

    /// <summary>Takes what a part has spent, as far as it is there. Does not exhaust.</summary>
    public void Take(long units) => _left = _left < 0 ? _left : Math.Max(0, _left - units);

    /// <summary>Leaves nothing: what cannot be done within the bounds of the language ends like what is too dear.</summary>
    internal void Exhaust() => _left = Math.Min(_left, -1);

    /// <summary>An evaluation begins on this budget.</summary>
    internal void Enter() => _depth++;

    /// <summary>It has ended.</summary>
    internal void Exit()
    {
        if (--_depth == 0 && _began is { } began)
        {
            _elapsed += _time.GetElapsedTime(began);
            _began = null;
        }
    }

    private bool ChargeSlowly(long units)
    {
        if (_left < 0 || units > _left)
        {
            _left = -1;
            return false;
        }

        _left -= units;
        _floor = Math.Max(0, _left - UnitsPerLook);
        if (_depth > 0)
        {
            CelAllowance.Spend(Math.Max(units, UnitsPerLook));
            // The clock starts with the first look: most evaluations are over before, and never look.
            if (_began is not { } began)
            {
                _began = _time.GetTimestamp();
            }
            else if (_elapsed + _time.GetElapsedTime(began) > _deadline)
            {
                _left = -1;
                return false;
            }
        }

        return true;
    }
}
