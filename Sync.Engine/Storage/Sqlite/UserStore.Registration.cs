using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Storage.Sqlite;

/// <content>Registration.</content>
internal sealed partial class UserStore
{
    /// <summary>
    /// Stores a user with a first passkey, uses up the proof and gives the role of an invitation. Nothing is written before everything is known to hold. Answers also
    /// the room whose members it has changed.
    /// </summary>
    public static (Outcome<UserRecord> Outcome, long? Room) Register(WriteSession work, Registering registering)
    {
        var (candidate, passkey, bySetup, invitationHash, now) = registering;
        var anyPasskey = work.Count("SELECT count(*) FROM passkeys LIMIT 1") > 0;
        if (anyPasskey == bySetup)
        {
            return (bySetup ? UserErrors.SetupUsed : UserErrors.SetupFirst, null);
        }

        var invitation = invitationHash is null ? null : InvitationStore.Find(work, invitationHash, now);
        if (invitationHash is not null && invitation is null)
        {
            return (UserErrors.InvitationGone, null);
        }

        var named = work.First(UserByName, static row => AccessStore.MapUser(row, 0), candidate.Name);
        if (named is not null && !(bySetup && named.Id == candidate.Id))
        {
            return (AccessErrors.UserExists(candidate.Name), null);
        }

        if (named is null && work.Count("SELECT count(*) FROM users WHERE id = $1", candidate.Id) > 0)
        {
            return (UserErrors.InvalidUserId, null);
        }

        if (CheckNewPasskey(work, candidate.Id, passkey.CredentialId.ToArray()) is { } refusal)
        {
            return (refusal, null);
        }

        var user = (named ?? candidate) with { IsAdmin = bySetup };
        work.Execute(
            "INSERT INTO users (id, name, created_ms, is_admin) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET is_admin = excluded.is_admin",
            user.Id,
            user.Name,
            user.CreatedAt.ToUnixTimeMilliseconds(),
            user.IsAdmin);
        InsertPasskey(work, user.Id, passkey);
        if (invitation is not null)
        {
            InvitationStore.Remove(work, invitation.Info.Id);
            if (invitation is { Room: { } room, Info.Role: { } role })
            {
                new MemberRows(work, room).Settle(user, new Member(role));
            }
        }

        return (user, invitation?.Room);
    }
}
