namespace Sync.Cel.Values;

/// <summary>Timestamps as nanoseconds, which sums and differences are made of.</summary>
internal static class Instants
{
    /// <summary>A timestamp from parts in any range; an error outside years 0001 to 9999.</summary>
    public static CelValue TimestampOf(Int128 totalNanos)
    {
        var seconds = totalNanos / TimeText.NanosPerSecond;
        var nanos = (int)(totalNanos % TimeText.NanosPerSecond);
        if (nanos < 0)
        {
            nanos += (int)TimeText.NanosPerSecond;
            seconds--;
        }

        return seconds < TimeText.MinSeconds || seconds > TimeText.MaxSeconds ? Errors.TimeRange : CelValue.Timestamp((long)seconds, nanos);
    }

    /// <summary>Nanoseconds since the epoch.</summary>
    public static Int128 Nanos(in CelValue timestamp) =>
        (Int128)timestamp.TimestampSeconds * TimeText.NanosPerSecond + timestamp.TimestampNanos;
}
