using System.Globalization;

namespace Sync.Engine.Primitives.Errors;

/// <summary>The refusals at bounds, of rooms and of what comes in.</summary>
internal static class BoundErrors
{
    /// <summary>The refusal of something that is too long by itself.</summary>
    public static SyncError TooLong(string what, long length, long max) =>
        new SyncError(ErrorCode.PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"{what} has {length:N0} bytes; at most {max:N0} are taken."))
        {
            Hint = "Send less, or split it: a message can name the key of an entry that holds the rest.",
        }.With("most", max);

    /// <summary>The refusal at a bound: names it, whose it is, and what to do.</summary>
    public static SyncError Exceeded(ErrorCode code, string limit, string of, long max, string message, string hint) =>
        new SyncError(code, message) { Hint = hint }.With("limit", limit).With("of", of).With("most", max);
}
