using System.Collections.Immutable;
using System.Globalization;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// The value axis of a chart: round ticks (1, 2 or 5 times a power of ten) around what is drawn. Always finite and ordered, whatever it is made of: equal values, values at the ends of what a number
/// can hold, none at all.
/// </summary>
/// <param name="Low">The value at the foot.</param>
/// <param name="High">The value at the head, greater than <paramref name="Low"/>.</param>
/// <param name="Ticks">Marked values, ascending, the foot and the head among them.</param>
/// <param name="Step">Between two ticks.</param>
internal sealed record ChartAxis(double Low, double High, ImmutableArray<double> Ticks, double Step)
{
    private const int MaxTicks = 12;

    // Ranges are taken within this, so that differences of two values stay finite.
    private const double Largest = 1e300;

    // What differs by less than this share of its size is level: ticks between would be no different numbers.
    private const double Finest = 1e-10;

    /// <summary>An axis for values from <paramref name="lowest"/> to <paramref name="highest"/>.</summary>
    /// <param name="lowest">The least value.</param>
    /// <param name="highest">The greatest.</param>
    /// <param name="withZero">Whether zero has to be on it, as lengths of bars need; otherwise only where it is near.</param>
    /// <param name="whole">Whether all values are whole numbers: then no tick stands between two.</param>
    /// <param name="about">About how many steps.</param>
    public static ChartAxis Of(double lowest, double highest, bool withZero = false, bool whole = false, int about = 4)
    {
        var (low, high) = (Finite(Math.Min(lowest, highest)), Finite(Math.Max(lowest, highest)));
        var size = Math.Max(Math.Abs(low), Math.Abs(high));
        var isLevel = high - low <= size * Finest;
        if (withZero || isLevel || (low > 0 && low <= high / 2))
        {
            low = Math.Min(low, 0);
        }

        if (withZero || isLevel || (high < 0 && high >= low / 2))
        {
            high = Math.Max(high, 0);
        }

        if (high - low < 1e-290)
        {
            (low, high) = (0, 1);
        }

        var step = Math.Max(Round((high - low) / Math.Clamp(about, 1, MaxTicks - 2)), whole ? 1 : 0);
        var (foot, head) = (Math.Floor(low / step + 1e-9), Math.Ceiling(high / step - 1e-9));
        if (head - foot < 1)
        {
            head = foot + 1;
        }

        var count = (int)Math.Min(head - foot, MaxTicks - 1);
        return new ChartAxis(foot * step, head * step, [.. Enumerable.Range(0, count + 1).Select(i => (foot + i) * step)], step);
    }

    /// <summary>Where a value stands: 0 at the foot, 1 at the head.</summary>
    public double Share(double value) => Math.Clamp((Finite(value) - Low) / (High - Low), 0, 1);

    /// <summary>A tick's number: short, with as many places as tell it from its neighbours.</summary>
    public string Text(double tick)
    {
        var (size, unit) = Math.Max(Math.Abs(Low), Math.Abs(High)) switch
        {
            >= 1e15 or < 1e-4 => (0, ""),
            >= 1e9 => (1e9, "bn"),
            >= 1e6 => (1e6, "M"),
            >= 1e4 => (1e3, "k"),
            _ => (1d, ""),
        };
        if (tick == 0)
        {
            return "0";
        }

        if (size == 0)
        {
            return tick.ToString("0.##e+0", CultureInfo.InvariantCulture).Replace("e+", "e", StringComparison.Ordinal);
        }

        var places = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step / size) - 1e-9), 0, 8);
        return (tick / size).ToString(places == 0 ? "#,0" : "#,0." + new string('#', places), CultureInfo.InvariantCulture) + unit;
    }

    private static double Finite(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, -Largest, Largest);

    private static double Round(double raw)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return (raw / power) switch
        {
            < 1.4142 => power,
            < 3.1622 => 2 * power,
            < 7.0710 => 5 * power,
            _ => 10 * power,
        };
    }
}
