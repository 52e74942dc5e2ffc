namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>
/// Where moments lie on lanes, in seconds after <paramref name="Origin"/>. It stays while time goes on: what is drawn stays as it is, and the view moves over it.
/// </summary>
/// <param name="Origin">What seconds are counted from: near what is shown, since a browser draws with seven digits.</param>
/// <param name="From">The earliest moment that is drawn.</param>
/// <param name="Step">Seconds below which nothing is told apart.</param>
public sealed record LaneScale(DateTimeOffset Origin, DateTimeOffset From, double Step)
{
    // On the widest of screens.
    private const double Columns = 1_600;

    /// <summary>The scale for a window that ends at a moment; without a span of its own it begins at <paramref name="begin"/>.</summary>
    public static LaneScale Of(LaneWindow window, DateTimeOffset begin, DateTimeOffset end)
    {
        var span = window.Span ?? end - begin;
        var from = end - span;
        return new LaneScale(from, from, Math.Max(span.TotalSeconds, 1) / Columns);
    }

    /// <summary>Where a moment lies.</summary>
    public double X(DateTimeOffset at) => (at - Origin).TotalSeconds;
}
