using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Authority;

/// <summary>
/// Why a caller may not, by its cause: the token's scope, the user's role, or the room's policy. Each has another remedy, and a refusal that names the wrong one sends its reader away for
/// nothing. What is told of a room is its policy and the caller's own role.
/// </summary>
internal static class AccessRefusals
{
    /// <summary>Nothing of the room is reached.</summary>
    public static SyncError NotReached(Caller caller, TokenRecord? token, RoomRecord room, AccessLevel needed)
    {
        if (token?.User is not { } user)
        {
            return Denied(room, $"This token does not reach the room '{room.Id}'.") with { Hint = "It is another room's own, or no longer valid. Use a token of your user, or one of this room." };
        }

        if (room.Members.TryGetValue(user.Id, out var member))
        {
            return Denied(room, $"The scope of this token does not reach the room '{room.Id}'; the role of its user, {member.Role.Word()}, does.") with { Next = [Widen(caller, room, Least(needed, RoomPolicy.LevelOf(member.Role)))] };
        }

        if (room.Removed.Contains(user.Id))
        {
            return Denied(room, $"An owner has removed the user '{user.Name}' from the room '{room.Id}'.") with
            {
                Hint = "Only an invitation lets that user in again. What an owner calls:",
                Next = [NextStep.Invite(room.Id, user.Name)],
            };
        }

        if (room.Join != JoinPolicy.Open)
        {
            return Denied(room, $"The room '{room.Id}' is for its members, and the user '{user.Name}' has no role in it.") with
            {
                Hint = "Ask an owner of the room. What the owner calls:",
                Next = [NextStep.Invite(room.Id, user.Name)],
            };
        }

        return RoomPolicy.IsUsersJoin(token, room)
            ? Denied(room, $"The user '{user.Name}' has no role in the room '{room.Id}' yet. It is open: coming in gives one.") with { Next = [NextStep.Embody(room.Id)] }
            : Denied(room, $"The scope of this token does not reach the room '{room.Id}', which is open to whoever knows it.") with
            {
                Hint = "Have the token widened, then come in; or join without a token of your user, as nobody's agent.",
                Next = [Widen(caller, room, AccessLevel.Write), NextStep.Embody(room.Id)],
            };
    }

    /// <summary>The room is reached, and not as far as it would need.</summary>
    public static SyncError TooLow(Caller caller, UserRecord? user, RoomRecord room, RoomAccess held, AccessLevel needed)
    {
        var ofRole = user is not null && held.Role is { } role && RoomPolicy.LevelOf(role) < needed;
        if (needed == AccessLevel.Admin)
        {
            var full = new SyncError(held.Level == AccessLevel.Read ? ErrorCode.ReadOnlyToken : ErrorCode.RoomTokenRequired, $"This needs full access to the room '{room.Id}'.").With("room", room.Id);
            return ofRole || user is null
                ? full with { Hint = "An owner of the room has it, and so has the room's own token." }
                : full with { Next = [Widen(caller, room, needed)] };
        }

        return ofRole
            ? new SyncError(ErrorCode.ReadOnlyToken, $"The role of '{user!.Name}' in the room '{room.Id}' is {held.Role!.Value.Word()}, which only reads.") // Only a user has a role.
            {
                Hint = "Ask an owner of the room for the role participant. What the owner calls:",
                Next = [NextStep.Invite(room.Id, user.Name)],
            }.With("room", room.Id)
            : new SyncError(ErrorCode.ReadOnlyToken, $"This token only reads the room '{room.Id}'.")
            {
                Hint = "Use a token with write access.",
                Next = user is null ? [] : [Widen(caller, room, needed)],
            }.With("room", room.Id);
    }

    /// <summary>What is said when the time of an entry that waits has run out: the same of a room that does not exist and of one that is for others.</summary>
    public static SyncError NotLetIn(string room) =>
        new SyncError(ErrorCode.RoomNotFound, $"In that time no room '{room}' let this caller in. Whether it does not exist or is for others is not told.")
        {
            Hint = "Send the same call again to go on waiting. Make sure of the room's id, and that an owner who means you to come in has your user's name; or make a room of your own.",
            Next = [NextStep.CreateRoom],
        }.With("room", room);

    private static SyncError Denied(RoomRecord room, string message) => new SyncError(ErrorCode.ScopeDenied, message).With("room", room.Id);

    private static AccessLevel Least(AccessLevel one, AccessLevel other) => one < other ? one : other;

    private static NextStep Widen(Caller caller, RoomRecord room, AccessLevel needed) =>
        NextStep.WidenToken(caller.TokenId ?? "", room.Id, needed < AccessLevel.Read ? AccessLevel.Read : needed);
}
