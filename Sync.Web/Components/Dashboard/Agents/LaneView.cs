using System.Globalization;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>The part of lanes that is in view.</summary>
/// <param name="Scale">Where moments lie.</param>
/// <param name="Begin">The moment at its left edge.</param>
/// <param name="End">The moment at its right edge: now, or the moment that the page is turned back to.</param>
public sealed record LaneView(LaneScale Scale, DateTimeOffset Begin, DateTimeOffset End)
{
    private double Width => Math.Max((End - Begin).TotalSeconds, 1);

    /// <summary>The view box of a lane.</summary>
    public string Box => string.Create(CultureInfo.InvariantCulture, $"{Scale.X(Begin):0.##} 0 {Width:0.##} {LaneDrawing.Height}");

    /// <summary>Where a moment is across it, from 0 at its left to 1 at its right.</summary>
    public double Fraction(DateTimeOffset at) => (at - Begin).TotalSeconds / Width;

    /// <summary>What a window shows that ends at a moment.</summary>
    public static LaneView Of(LaneWindow window, LaneScale scale, DateTimeOffset begin, DateTimeOffset end) => new(scale, window.Span is { } span ? end - span : begin, end);
}
