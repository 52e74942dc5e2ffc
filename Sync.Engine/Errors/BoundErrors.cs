using System.Globalization;

namespace Sync.Engine;

/// <summary>The refusals at bounds, of rooms and of what comes in.</summary>
internal static class BoundErrors
{
    /// <summary>The refusal of something that is too long by itself.</summary>
    public static SyncError TooLong(string what, long length, long most) =>
        new SyncError(ErrorCode.PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"{what} has {length:N0} bytes; at most {most:N0} are taken."))
        {
            Hint = "Send less, or split it: a message can name the key of an entry that holds the rest.",
        }.With("most", most);

    /// <summary>The refusal at a bound: names it, whose it is, and what to do.</summary>
    public static SyncError Exceeded(ErrorCode code, string limit, string of, long most, string message, string hint) =>
        new SyncError(code, message) { Hint = hint }.With("limit", limit).With("of", of).With("most", most);
}
