using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Identity.Users;

/// <summary>The refusals of registration, passkeys and recovery.</summary>
internal static class UserErrors
{
    public static SyncError SetupFirst { get; } =
        new(ErrorCode.RegistrationClosed, "This server waits for its first user.") { Hint = "Open the setup link that the server printed when it started." };

    public static SyncError WrongSetup { get; } =
        new(ErrorCode.InvalidParameter, "This is not the setup link of this server.") { Hint = "Each start of the server makes a new one. Open the link that it printed last." };

    public static SyncError SetupUsed { get; } =
        new(ErrorCode.InvalidParameter, "This server is set up already.") { Hint = "Sign in, or ask somebody who is here for an invitation." };

    public static SyncError InvitationGone { get; } =
        new(ErrorCode.InvalidParameter, "This invitation is used up, taken back or expired.") { Hint = "Ask for a new one." };

    public static SyncError InvitationNeeded { get; } =
        new(ErrorCode.RegistrationClosed, "Registration needs an invitation.") { Hint = "Ask an owner of a room, or an administrator of the server, for an invitation link." };

    public static SyncError Closed { get; } =
        new(ErrorCode.RegistrationClosed, "This server takes no new users.") { Hint = "Whoever runs it can change that." };

    public static SyncError InvalidUserId { get; } =
        new(ErrorCode.InvalidParameter, "This registration cannot be finished.") { Hint = "Begin it again." };

    public static SyncError InvalidPasskeyName { get; } =
        new(ErrorCode.InvalidParameter, "A passkey's name has 1 to 60 printable characters.") { Hint = "Choose another name." };

    public static SyncError InvalidPasskey { get; } =
        new(ErrorCode.InvalidParameter, "This passkey cannot be kept: its id or its data has a size that no passkey has.") { Hint = "Make another one." };

    public static SyncError PasskeyTaken { get; } =
        new(ErrorCode.InvalidParameter, "This passkey is registered already.") { Hint = "Sign in with it, or make another one." };

    public static SyncError TooManyPasskeys(int max) =>
        new(ErrorCode.InvalidParameter, $"A user has at most {max} passkeys.") { Hint = "Remove one that you do not use." };

    public static SyncError PasskeyNotFound { get; } =
        new(ErrorCode.NotFound, "You have no such passkey.") { Hint = "It may have been removed already." };

    public static SyncError PasskeyUsedMeanwhile { get; } =
        new(ErrorCode.InvalidParameter, "This passkey was used elsewhere at the same moment.") { Hint = "Try again." };

    public static SyncError LastPasskey { get; } =
        new(ErrorCode.LastPasskey, "This is your only passkey; without it you could not sign in.") { Hint = "Add another one first." };

    public static SyncError ConfirmationRequired { get; } =
        new(ErrorCode.ConfirmationRequired, "This needs your passkey once more.") { Hint = "Confirm that it is you, then try again." };

    public static SyncError PasskeyOfAnother { get; } =
        new(ErrorCode.InvalidParameter, "This is a passkey of another account.") { Hint = "Use one of the account that is signed in here." };

    public static SyncError WrongRecovery { get; } =
        new(ErrorCode.InvalidParameter, "The name or the recovery code is wrong.") { Hint = "Each code works once, and only until new ones are made." };

    public static SyncError PasskeyLinkGone { get; } =
        new(ErrorCode.InvalidParameter, "This link is used up, replaced or expired.") { Hint = "Ask whoever gave it to you for a new one; each works once, for a day." };

    public static SyncError NoPasskeyLink { get; } =
        new(ErrorCode.NotFound, "There is no such link.") { Hint = "It may have been used or have ended already." };

    public static SyncError NoSuchUser(string name) =>
        new(ErrorCode.UserNotFound, $"There is no user '{Identifiers.Shown(name)}'.") { Hint = "List the users to see their names." };

    public static SyncError AdministratorsOnly { get; } =
        new(ErrorCode.NotOwner, "Only an administrator of the server may do this.") { Hint = "Sign in as an administrator; whoever runs the server makes one by the command user admin." };

    public static SyncError UnknownUser { get; } = new(ErrorCode.InvalidParameter, "There is no such user.") { Hint = "Sign in again." };
}
