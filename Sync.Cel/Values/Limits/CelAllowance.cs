using System.Diagnostics;

namespace Sync.Cel.Values.Limits;

/// <summary>
/// What all evaluations on the current thread may take together until the allowance ends, whatever budgets they have: for a caller that tries work where it stands and
/// moves it elsewhere when it turns out to be large. Exceeding it ends the work with a <see cref="CelAllowanceExceededException"/>, which no evaluation catches, so that
/// nothing takes an unfinished value for a result; the budget of that attempt must not be used again. Asked only when a budget looks at its clock, so that small
/// evaluations do not pay for it.
/// </summary>
public readonly ref struct CelAllowance : IDisposable
{
    [ThreadStatic]
    private static bool t_isActive;

    [ThreadStatic]
    private static long t_left;

    [ThreadStatic]
    private static long t_deadline;

    /// <summary>Begins an allowance on this thread. Allowances do not nest.</summary>
    /// <param name="units">Units that may be spent; the end is noticed within some thousands.</param>
    /// <param name="time">How long it may take, by the second hand of the machine: a unit may be dearer than it is charged.</param>
    public CelAllowance(long units, TimeSpan time)
    {
        t_left = units;
        t_deadline = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        t_isActive = true;
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => t_isActive = false;

    /// <summary>Notes what has been spent since the last look.</summary>
    internal static void Spend(long units)
    {
        if (t_isActive && ((t_left -= units) < 0 || Stopwatch.GetTimestamp() > t_deadline))
        {
            throw new CelAllowanceExceededException();
        }
    }
}

/// <summary>Work has turned out to be larger than the thread's <see cref="CelAllowance"/>. Nothing has come of it; it can be done again elsewhere.</summary>
public sealed class CelAllowanceExceededException() : Exception("The evaluations on this thread take more than they may here.");
