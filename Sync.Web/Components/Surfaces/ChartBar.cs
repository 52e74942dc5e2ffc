namespace Sync.Web.Components.Surfaces;

/// <summary>Where a bar begins and how long it is, from zero: with negative values among them zero is not the left edge.</summary>
internal static class ChartBar
{
    public static string Style(double value, double lowest, double highest)
    {
        // Halves, since the difference of two numbers may be more than a number.
        var (low, high) = (Math.Min(lowest, 0) / 2, Math.Max(highest, 0) / 2);
        var range = high - low;
        if (!(range > 0) || !double.IsFinite(value))
        {
            return "width:0%";
        }

        var zero = -low / range * 100;
        var length = Math.Clamp(Math.Abs(value / 2) / range * 100, 0, 100);
        var left = value < 0 ? zero - length : zero;
        return left < 0.05 ? FormattableString.Invariant($"width:{length:0.#}%") : FormattableString.Invariant($"width:{length:0.#}%;margin-left:{left:0.#}%");
    }
}
