using System.Globalization;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Runtime.Waits;

/// <summary>How long a wait may last.</summary>
public static class WaitTime
{
    // More than any surface allows, and within what a time span holds.
    private const long MaxMilliseconds = 24 * 60 * 60 * 1000;

    /// <summary>The time that was asked for in milliseconds, within what a surface allows; longer waits are renewed. Null is what is no whole number.</summary>
    /// <param name="milliseconds">What was asked for.</param>
    /// <param name="longest">The most that the surface allows.</param>
    /// <param name="name">The parameter's name.</param>
    /// <remarks>Errors: <c>invalid_parameter</c>.</remarks>
    public static Outcome<TimeSpan> Check(long? milliseconds, TimeSpan longest, string name = "timeout") =>
        milliseconds >= 0 && milliseconds <= longest.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds.Value)
            : new SyncError(ErrorCode.InvalidParameter, string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a whole number of milliseconds from 0 to {longest.TotalMilliseconds}."))
            {
                Hint = "To wait longer, wait again when it has run out.",
            }.With("parameter", name);

    /// <summary>The time that was asked for, a whole number of milliseconds as text; null where nothing was. It has no upper bound: the wait is capped, and says so.</summary>
    /// <remarks>Errors: <c>invalid_parameter</c>.</remarks>
    public static Outcome<TimeSpan?> Read(string? milliseconds)
    {
        if (string.IsNullOrWhiteSpace(milliseconds))
        {
            return (TimeSpan?)null;
        }

        return milliseconds.All(char.IsAsciiDigit)
            ? TimeSpan.FromMilliseconds(long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Min(asked, MaxMilliseconds) : MaxMilliseconds)
            : new SyncError(ErrorCode.InvalidParameter, "'timeout' must be a whole number of milliseconds.")
            {
                Hint = "Send \"timeout\": 25000 for 25 seconds; to wait longer than is allowed, wait again when it has run out.",
            }.With("parameter", "timeout");
    }
}
