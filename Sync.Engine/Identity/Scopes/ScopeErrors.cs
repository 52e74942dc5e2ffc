using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Identity.Scopes;

/// <summary>The refusals of what would be more than its giver has.</summary>
internal static class ScopeErrors
{
    // A scope may have grown room by room; an error stays readable.
    private const int Shown = 2_000;

    public static SyncError ExceedsToken(Scope asked, Scope held) =>
        new SyncError(ErrorCode.ScopeExceedsToken, "That is more than this token has.")
        {
            Hint = held.Text.Length == 0 ? "This token grants nothing." : $"It may give at most '{Cut(held)}'.",
        }.With("asked", JsonValue.Create(Cut(asked))).With("held", JsonValue.Create(Cut(held)));

    public static SyncError AlreadyRefreshed(Scope held) =>
        new SyncError(ErrorCode.ScopeExceedsToken, "This refresh token was used a moment ago: it gives the same tokens once more, with the scope they have, and no other.")
        {
            Hint = "Send it without 'scope'; the refresh token of that answer then narrows it.",
        }.With("held", JsonValue.Create(Cut(held)));

    public static SyncError Outlives(TimeSpan left) =>
        new SyncError(ErrorCode.ScopeExceedsToken, "That would outlive this token.")
        {
            Hint = $"It lives {(long)left.TotalSeconds} seconds more. Leave expires_in and with_refresh out for a token that ends with it, or use a token without an end.",
        }.With("seconds_left", JsonValue.Create((long)left.TotalSeconds));

    public static SyncError ExceedsRequested(Scope chosen, Scope asked) =>
        new SyncError(ErrorCode.ScopeExceedsToken, "That is more than was asked for.") { Hint = $"Choose within '{Cut(asked)}'." }
            .With("asked", JsonValue.Create(Cut(chosen))).With("held", JsonValue.Create(Cut(asked)));

    public static SyncError NotManaged(string id) =>
        new(ErrorCode.ScopeExceedsToken, $"This token did not mint the token '{Identifiers.Shown(id)}' and does not manage it.")
        {
            Hint = "A token manages itself and what it minted. Use a token with the scope rooms:*.",
            Next = [NextStep.OpenAccount],
        };

    public static SyncError OutlivesLineage(string id) =>
        new(ErrorCode.ScopeExceedsToken, $"This token may narrow or revoke the token '{Identifiers.Shown(id)}', but not widen it: that one would go on after this one.")
        {
            Hint = "Mint another token, which ends with this one.",
            Next = [NextStep.OpenAccount],
        };

    // The same for a room that does not exist and one without a role, so that nobody finds out by asking.
    public static SyncError ExceedsAccess(string room, AccessLevel level, AccessLevel held) =>
        new SyncError(ErrorCode.ScopeExceedsAccess, $"You do not have {Word(level)} access to the room '{Identifiers.Shown(room)}'.")
        {
            Hint = held == AccessLevel.None ? "Ask an owner of the room for a role in it." : $"Your role there allows {Word(held)} access. Ask for that, or ask an owner of the room.",
        }.With("room", JsonValue.Create(Identifiers.Shown(room)));

    public static SyncError ForeignAgent(string room, string agent) =>
        new SyncError(ErrorCode.ScopeExceedsAccess, $"The agent '{agent}' in the room '{room}' is not yours.")
        {
            Hint = "Name an agent of yours or one that does not exist yet; an owner of the room may name any.",
        }.With("room", JsonValue.Create(room)).With("agent", JsonValue.Create(agent));

    public static SyncError NoUser { get; } = new(ErrorCode.IdentityMismatch, "This token belongs to a room and has no user.")
    {
        Hint = "Use a tok_ token, or sign in.",
    };

    public static SyncError OnlyShows { get; } = new(ErrorCode.ScopeDenied, "This token only shows surfaces; it makes and manages no tokens.")
    {
        Hint = "Use another token of its user.",
        Next = [NextStep.OpenAccount],
    };

    public static SyncError OnlyReads { get; } = new(ErrorCode.ReadOnlyToken, "This token only reads; it makes and manages no tokens.")
    {
        Hint = "Use another token of its user.",
        Next = [NextStep.OpenAccount],
    };

    public static SyncError NeedsSession { get; } = new(ErrorCode.AuthenticationRequired, "This needs a person who is signed in.")
    {
        Hint = "Open the page in a browser and sign in.",
    };

    public static SyncError NeedsPerson { get; } = new(ErrorCode.PersonRequired, "Only a person who is signed in decides this; no token does.")
    {
        Hint = "Ask your user to do it.",
        Next = [NextStep.OpenAccount],
    };

    public static SyncError InvalidMint(string field, string message, string hint) =>
        new SyncError(ErrorCode.InvalidParameter, message) { Hint = hint }.With("field", JsonValue.Create(field));

    private static string Word(AccessLevel level) => level switch
    {
        AccessLevel.Views or AccessLevel.Read => "read",
        AccessLevel.Write => "write",
        _ => "full",
    };

    private static string Cut(Scope scope) => scope.Text.Length <= Shown ? scope.Text : scope.Text[..Shown] + "…";
}
