using System.Globalization;
using System.Text;

namespace Sync.Cel.Values;

/// <summary>Timestamps as RFC 3339 and durations as Go-like text, both to the nanosecond.</summary>
internal static class TimeText
{
    public const long MinSeconds = -62135596800; // 0001-01-01T00:00:00Z
    public const long MaxSeconds = 253402300799; // 9999-12-31T23:59:59Z
    public const long NanosPerSecond = 1_000_000_000;

    /// <summary>Characters of the longest text that is read as a duration, and as a timestamp.</summary>
    public const int MaxDuration = 256;
    private const int MaxTimestamp = 64;

    public static string Timestamp(in CelValue value)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(value.TimestampSeconds, MinSeconds, MaxSeconds));
        return time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + Fraction(value.TimestampNanos) + "Z";
    }

    /// <summary>Seconds with up to nine decimals and an <c>s</c>, as protobuf writes durations in JSON.</summary>
    public static string Duration(long nanos)
    {
        var magnitude = nanos < 0 ? (ulong)-(Int128)nanos : (ulong)nanos;
        var seconds = (magnitude / NanosPerSecond).ToString(CultureInfo.InvariantCulture);
        return (nanos < 0 ? "-" : "") + seconds + Fraction((int)(magnitude % NanosPerSecond)) + "s";
    }

    /// <summary>Reads RFC 3339: date, <c>T</c>, time, optional fraction, <c>Z</c> or an offset. An error value when it is not, or out of range.</summary>
    public static CelValue ParseTimestamp(string text)
    {
        var rest = text.AsSpan();
        if (text.Length > MaxTimestamp
            || !Digits(ref rest, 4, out var year) || !Skip(ref rest, '-')
            || !Digits(ref rest, 2, out var month) || !Skip(ref rest, '-')
            || !Digits(ref rest, 2, out var day) || !(Skip(ref rest, 'T') || Skip(ref rest, 't') || Skip(ref rest, ' '))
            || !Digits(ref rest, 2, out var hour) || !Skip(ref rest, ':')
            || !Digits(ref rest, 2, out var minute) || !Skip(ref rest, ':')
            || !Digits(ref rest, 2, out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59
            || !TryFraction(ref rest, out var nanos)
            || !TryOffset(rest, out var offsetSeconds))
        {
            return CelValue.Error(
                $"`{Cut(text)}` is not a timestamp within years 0001 to 9999.",
                "Write RFC 3339: `timestamp(\"2026-01-31T09:30:00Z\")`, or seconds: `timestamp(1769851800)`.");
        }

        var seconds = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero).ToUnixTimeSeconds() - offsetSeconds;
        return seconds is < MinSeconds or > MaxSeconds ? Errors.TimeRange : CelValue.Timestamp(seconds, nanos);
    }

    /// <summary>Reads a sequence of numbers with units: <c>1h30m</c>, <c>-1.5s</c>, <c>100ms</c>, <c>2us</c>, <c>3ns</c>; plain <c>0</c> too.</summary>
    public static CelValue ParseDuration(string text)
    {
        var rest = text.AsSpan();
        var negative = Skip(ref rest, '-');
        _ = negative || Skip(ref rest, '+');
        if (rest is "0")
        {
            return CelValue.Duration(0);
        }

        Int128 total = 0;
        var any = false;
        while (rest.Length > 0)
        {
            if (text.Length > MaxDuration || !TryTerm(ref rest, out var nanos))
            {
                return NotDuration(text);
            }

            any = true;
            total += nanos;
            if (total > (Int128)long.MaxValue + 1)
            {
                return Errors.DurationRange;
            }
        }

        total = negative ? -total : total;
        return !any ? NotDuration(text)
            : total > long.MaxValue ? Errors.DurationRange
            : CelValue.Duration((long)total);
    }

    private static CelValue NotDuration(string text) => CelValue.Error(
        $"`{Cut(text)}` is not a duration.", "Write numbers with units h, m, s, ms, us, ns: `duration(\"1h30m\")`, `duration(\"90s\")`.");

    private static bool TryTerm(ref ReadOnlySpan<char> rest, out Int128 nanos)
    {
        nanos = 0;
        var whole = rest.IndexOfAnyExceptInRange('0', '9');
        whole = whole < 0 ? rest.Length : whole;
        var fraction = rest.Slice(whole, 0);
        var length = whole;
        if (length < rest.Length && rest[length] == '.')
        {
            var after = rest[(length + 1)..];
            var digits = after.IndexOfAnyExceptInRange('0', '9');
            fraction = after[..(digits < 0 ? after.Length : digits)];
            length += 1 + fraction.Length;
        }

        if (whole + fraction.Length == 0 || whole > 19)
        {
            return false;
        }

        var number = whole == 0 ? 0 : Int128.Parse(rest[..whole], CultureInfo.InvariantCulture);
        var unit = rest[length..];
        (long Scale, int Length) found = unit switch
        {
            ['n', 's', ..] => (1, 2),
            ['u' or 'µ' or 'μ', 's', ..] => (1_000, 2),
            ['m', 's', ..] => (1_000_000, 2),
            ['s', ..] => (NanosPerSecond, 1),
            ['m', ..] => (60 * NanosPerSecond, 1),
            ['h', ..] => (3600 * NanosPerSecond, 1),
            _ => (0, 0),
        };
        if (found.Length == 0)
        {
            return false;
        }

        nanos = number * found.Scale;
        Int128 step = found.Scale;
        foreach (var digit in fraction)
        {
            // Below a nanosecond nothing is left to add.
            step /= 10;
            nanos += step * (digit - '0');
        }

        rest = unit[found.Length..];
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<char> rest, out int nanos)
    {
        nanos = 0;
        if (!Skip(ref rest, '.'))
        {
            return true;
        }

        var digits = 0;
        while (rest.Length > 0 && char.IsAsciiDigit(rest[0]))
        {
            nanos = digits < 9 ? nanos * 10 + (rest[0] - '0') : nanos;
            digits++;
            rest = rest[1..];
        }

        for (var i = digits; i < 9; i++)
        {
            nanos *= 10;
        }

        return digits > 0;
    }

    private static bool TryOffset(ReadOnlySpan<char> rest, out int seconds)
    {
        seconds = 0;
        if (rest is "Z" or "z")
        {
            return true;
        }

        var negative = Skip(ref rest, '-');
        if ((!negative && !Skip(ref rest, '+'))
            || !Digits(ref rest, 2, out var hours) || !Skip(ref rest, ':') || !Digits(ref rest, 2, out var minutes)
            || rest.Length != 0 || hours > 23 || minutes > 59)
        {
            return false;
        }

        seconds = (hours * 3600 + minutes * 60) * (negative ? -1 : 1);
        return true;
    }

    private static bool Digits(ref ReadOnlySpan<char> rest, int count, out int value)
    {
        value = 0;
        if (rest.Length < count || rest[..count].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        value = int.Parse(rest[..count], CultureInfo.InvariantCulture);
        rest = rest[count..];
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<char> rest, char expected)
    {
        if (rest.Length == 0 || rest[0] != expected)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static string Fraction(int nanos) =>
        nanos == 0 ? "" : "." + nanos.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0');

    private static string Cut(string text) => text.Length <= 60 ? text : new StringBuilder(text, 0, 60, 61).Append('…').ToString();
}
