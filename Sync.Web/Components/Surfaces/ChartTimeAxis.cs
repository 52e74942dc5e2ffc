using System.Collections.Immutable;
using System.Globalization;

namespace Sync.Web.Components.Surfaces;

/// <summary>The time axis of a chart: ticks at round moments of UTC, which the browser writes by the reader's clock.</summary>
/// <param name="Begin">The moment on the left.</param>
/// <param name="End">The moment on the right, later than <paramref name="Begin"/>.</param>
/// <param name="Ticks">Marked moments within, ascending.</param>
/// <param name="Step">Between two ticks.</param>
internal sealed record ChartTimeAxis(DateTimeOffset Begin, DateTimeOffset End, ImmutableArray<DateTimeOffset> Ticks, TimeSpan Step)
{
    private const int MaxTicks = 12;

    private static readonly TimeSpan[] s_steps =
    [
        .. new[] { 1, 2, 5, 10, 15, 30 }.Select(n => TimeSpan.FromSeconds(n)),
        .. new[] { 1, 2, 5, 10, 15, 30 }.Select(n => TimeSpan.FromMinutes(n)),
        .. new[] { 1, 2, 3, 6, 12 }.Select(n => TimeSpan.FromHours(n)),
        .. new[] { 1, 2, 7, 14, 30, 91, 182, 365, 730, 3650, 36500, 365000 }.Select(n => TimeSpan.FromDays(n)),
    ];

    public static ChartTimeAxis Of(DateTimeOffset begin, DateTimeOffset end, int about = 4)
    {
        var (first, last) = begin <= end ? (begin, end) : (end, begin);
        if (last - first < TimeSpan.FromSeconds(1))
        {
            // One moment, or as good as one: a minute around it, within what a date can be.
            var half = TimeSpan.FromSeconds(30);
            first = first - DateTimeOffset.MinValue > half ? first - half : DateTimeOffset.MinValue;
            last = DateTimeOffset.MaxValue - last > half ? last + half : DateTimeOffset.MaxValue;
        }

        var step = s_steps.FirstOrDefault(candidate => (last - first).Ticks / candidate.Ticks <= Math.Clamp(about, 1, MaxTicks - 1), s_steps[^1]);
        var ticks = ImmutableArray.CreateBuilder<DateTimeOffset>();
        for (var at = (first.UtcTicks + step.Ticks - 1) / step.Ticks * step.Ticks; at <= last.UtcTicks && ticks.Count < MaxTicks; at += step.Ticks)
        {
            ticks.Add(new DateTimeOffset(at, TimeSpan.Zero));
            if (at > DateTimeOffset.MaxValue.UtcTicks - step.Ticks)
            {
                break;
            }
        }

        return new ChartTimeAxis(first, last, ticks.ToImmutable(), step);
    }

    /// <summary>Where a moment stands: 0 on the left, 1 on the right.</summary>
    public double Share(DateTimeOffset at) => Math.Clamp((double)(at - Begin).Ticks / (End - Begin).Ticks, 0, 1);

    /// <summary>How a tick is written: what the browser is told, too.</summary>
    public string Form => Step < TimeSpan.FromMinutes(1) ? "second" : Step < TimeSpan.FromDays(1) ? "minute" : Step < TimeSpan.FromDays(365) ? "day" : "year";

    /// <summary>A tick by UTC, until the browser has written it by its own clock.</summary>
    public string Text(DateTimeOffset tick) => tick.UtcDateTime.ToString(Form switch { "second" => "HH:mm:ss", "minute" => "HH:mm", "day" => "d MMM", _ => "yyyy" }, CultureInfo.InvariantCulture);
}
