using System.Globalization;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Runtime.Waits;

/// <summary>How long a wait may last.</summary>
public static class WaitTime
{
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
}
