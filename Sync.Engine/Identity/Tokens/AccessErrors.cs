using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Identity.Tokens;

/// <summary>The refusals of tokens and users.</summary>
internal static class AccessErrors
{
    private const string TokenHint = "Sign in again, or ask whoever runs the server for a new token.";

    // Shared: they are immutable, and a flood of bad tokens should allocate nothing.
    public static SyncError UnknownToken { get; } = new(ErrorCode.InvalidToken, "This token is unknown here, or no longer valid.") { Hint = TokenHint };

    public static SyncError ExpiredToken { get; } = new(ErrorCode.InvalidToken, "This token has expired.") { Hint = TokenHint };

    public static SyncError RevokedToken { get; } = new(ErrorCode.InvalidToken, "This token was revoked.") { Hint = TokenHint };

    public static SyncError EndedSession { get; } = new(ErrorCode.InvalidToken, "You are signed out.") { Hint = "Sign in again." };

    public static SyncError InvalidUserName(string name) =>
        new SyncError(ErrorCode.InvalidParameter, $"'{(name.Length <= 100 ? name : name[..100] + "…")}' is no user name.")
        {
            Hint = "A user name is 1-64 of A-Z a-z 0-9 . _ - and not just one or two dots.",
        };

    public static SyncError UserExists(string name) =>
        new SyncError(ErrorCode.InvalidParameter, $"The user name '{name}' is taken.") { Hint = "Names are compared without case. Choose another." };

    public static SyncError InvalidLabel { get; } = new(ErrorCode.InvalidParameter, "A label has at most 200 printable characters.") { Hint = "Shorten the label; leave out control, zero-width and direction characters." };

    public static SyncError InvalidExpiry { get; } =
        new(ErrorCode.InvalidParameter, "A token lives at least one second and at most 100 years.") { Hint = "Give the life time in seconds, or leave it out for a token that lives until it is revoked." };

    public static SyncError TooManyTokens(int max) =>
        BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, "tokens", "user", max, $"You have {max} live tokens already.", "Revoke those that nothing uses, and mint with expires_in what is needed for a while only.");

    public static SyncError RoomTokenNotFound(string id) =>
        new(ErrorCode.TokenNotFound, $"The room has no token '{id}' that you manage.") { Next = [NextStep.ListRoomTokens()] };

    public static SyncError TokenNotFound(string id) =>
        new SyncError(ErrorCode.TokenNotFound, $"There is no token '{(id.Length <= 100 ? id : id[..100] + "…")}'.") { Next = [NextStep.ListTokens] };
}
