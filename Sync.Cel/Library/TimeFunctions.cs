using System.Globalization;
using Sync.Cel.Values;

namespace Sync.Cel.Library;

/// <summary>Parts of timestamps, in UTC or a time zone, and of durations.</summary>
internal static class TimeFunctions
{
    private enum Part
    {
        FullYear,
        Month,
        Date,
        DayOfMonth,
        DayOfWeek,
        DayOfYear,
        Hours,
        Minutes,
        Seconds,
        Milliseconds,
    }

    // A name the system does not know is looked for in its files each time.
    private const int PriceOfZone = 64;

    public static void Register(FunctionTable.Builder table)
    {
        foreach (var part in Enum.GetValues<Part>())
        {
            var isUnit = part is Part.Hours or Part.Minutes or Part.Seconds or Part.Milliseconds;
            table.Method(
                $"timestamp.get{part}() int" + (isUnit ? $"; duration.get{part}() int" : ""),
                (ref run, in a) => a.Kind switch
                {
                    CelKind.Timestamp => Get(part, a, offsetSeconds: 0),
                    CelKind.Duration when isUnit => OfDuration(part, a.DurationNanos),
                    _ => Errors.NoMatch,
                });
            table.Method($"timestamp.get{part}(string) int", (ref run, in a, in b) =>
                a.Kind != CelKind.Timestamp || b.Kind != CelKind.String ? Errors.NoMatch
                : !run.Charge(PriceOfZone) ? Errors.Cost
                : TryOffset(b.AsString, a.TimestampSeconds, out var offset) ? Get(part, a, offset)
                : CelValue.Error($"No time zone {ValueText.Brief(b)}.", "Use a name such as \"Europe/Berlin\", \"UTC\", or an offset such as \"+02:00\"."));
        }
    }

    // CEL spec: getDate counts from 1, getDayOfMonth, getMonth, getDayOfYear and getDayOfWeek (Sunday) from 0.
    private static CelValue Get(Part part, in CelValue time, long offsetSeconds)
    {
        const long Day = 86400;
        var local = time.TimestampSeconds + offsetSeconds;
        var days = (local >= 0 ? local : local - (Day - 1)) / Day;
        var second = local - days * Day;
        if (part is Part.Hours or Part.Minutes or Part.Seconds or Part.Milliseconds)
        {
            return CelValue.Of(part switch
            {
                Part.Hours => second / 3600,
                Part.Minutes => second / 60 % 60,
                Part.Seconds => second % 60,
                _ => time.TimestampNanos / 1_000_000,
            });
        }

        if (part == Part.DayOfWeek)
        {
            return CelValue.Of(((days % 7) + 11) % 7); // 1970-01-01 was a Thursday
        }

        // An offset can lead a day out of years 1 to 9999, where DateOnly ends. The calendar repeats every 400 years.
        const int DaysOfCycle = 146097;
        var epoch = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        var day = days + epoch;
        var shift = day < 0 ? 1 : day > DateOnly.MaxValue.DayNumber ? -1 : 0;
        var date = DateOnly.FromDayNumber((int)(day + shift * DaysOfCycle));
        return CelValue.Of((long)(part switch
        {
            Part.FullYear => date.Year - shift * 400,
            Part.Month => date.Month - 1,
            Part.Date => date.Day,
            Part.DayOfMonth => date.Day - 1,
            _ => date.DayOfYear - 1,
        }));
    }

    private static CelValue OfDuration(Part part, long nanos) => CelValue.Of(part switch
    {
        Part.Hours => nanos / (3600 * TimeText.NanosPerSecond),
        Part.Minutes => nanos / (60 * TimeText.NanosPerSecond),
        Part.Seconds => nanos / TimeText.NanosPerSecond,

        // The milliseconds of the second, not the whole (conformance: get_milliseconds).
        _ => nanos % TimeText.NanosPerSecond / 1_000_000,
    });

    private static bool TryOffset(string zone, long seconds, out long offset)
    {
        offset = 0;
        if (zone.Length is 0 or > 64)
        {
            return false;
        }

        var digits = zone.AsSpan().TrimStart("+-");
        if (digits.Length is 4 or 5 && digits.Length >= zone.Length - 1 && digits.IndexOf(':') == digits.Length - 3)
        {
            var sign = zone[0] == '-' ? -1 : 1;
            if (!int.TryParse(digits[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
                || !int.TryParse(digits[^2..], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
                || hours > 23 || minutes > 59)
            {
                return false;
            }

            offset = sign * (hours * 3600 + minutes * 60);
            return true;
        }

        // Names become file paths in the system's zone database; let nothing through that could leave it.
        foreach (var c in zone)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '/' or '+' or '-'))
            {
                return false;
            }
        }

        if (zone[0] == '/' || ZoneOffsets.Find(zone) is not { } found)
        {
            return false;
        }

        offset = found.At(seconds);
        return true;
    }
}
