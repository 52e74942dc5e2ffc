using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Storage.Sqlite;

/// <content>Registration.</content>
internal sealed partial class UserStore
{
    /// <summary>
    /// Stores a user with a first passkey, uses up the proof and gives the role of an invitation. The first user, who asks for it, becomes an owner of every room that users of the
    /// machine's own tokens own (<see cref="OwnedByMachine"/>). Nothing is written before everything is known to hold. Answers also the rooms whose members it has changed.
    /// </summary>
    public static (Outcome<UserRecord> Outcome, IReadOnlyList<long> Rooms) Register(WriteSession work, Registering registering)
    {
        var (candidate, passkey, bySetup, invitationHash, now) = registering;
        if (AnyPasskey(work) == bySetup)
        {
            return (bySetup ? UserErrors.SetupUsed : UserErrors.SetupFirst, []);
        }

        var invitation = invitationHash is null ? null : InvitationStore.Find(work, invitationHash, now);
        if (invitationHash is not null && invitation is null)
        {
            return (UserErrors.InvitationGone, []);
        }

        var named = work.First(UserByName, static row => AccessStore.MapUser(row, 0), candidate.Name);
        if (named is not null && !(bySetup && named.Id == candidate.Id))
        {
            return (AccessErrors.UserExists(candidate.Name), []);
        }

        if (named is null && work.Count("SELECT count(*) FROM users WHERE id = $1", candidate.Id) > 0)
        {
            return (UserErrors.InvalidUserId, []);
        }

        if (CheckNewPasskey(work, candidate.Id, passkey.CredentialId.ToArray()) is { } refusal)
        {
            return (refusal, []);
        }

        var user = (named ?? candidate) with { IsAdmin = bySetup };
        work.Execute(
            "INSERT INTO users (id, name, created_ms, is_admin) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET is_admin = excluded.is_admin",
            user.Id,
            user.Name,
            user.CreatedAt.ToUnixTimeMilliseconds(),
            user.IsAdmin);
        InsertPasskey(work, user.Id, passkey);
        if (bySetup)
        {
            return (user, registering.AdoptsRooms ? Adopt(work, user) : []);
        }

        if (invitation is null)
        {
            return (user, []);
        }

        InvitationStore.Remove(work, invitation.Info.Id);
        if (invitation is not { Room: { } room, Info.Role: { } role })
        {
            return (user, []);
        }

        new MemberRows(work, room).Settle(user, new Member(role));
        return (user, [room]);
    }

    /// <summary>The rooms that the first user can take over, by id.</summary>
    public Task<IReadOnlyList<string>> RoomsToAdoptAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>>(static reader => reader.All($"SELECT id FROM rooms WHERE row IN ({OwnedByMachine}) ORDER BY created_ms, id", static row => row.GetString(0)), cancellationToken);

    // Rooms with an owner. Before anybody has a passkey every user is one whom a command on the machine has made for a token.
    private const string OwnedByMachine =
        "SELECT m.room FROM members AS m JOIN rooms AS r ON r.row = m.room WHERE m.role = 'Owner' AND m.pending = 0 AND r.deleted_ms IS NULL";

    private static List<long> Adopt(WriteSession work, UserRecord user)
    {
        var rooms = work.All($"SELECT DISTINCT room FROM ({OwnedByMachine}) ORDER BY room", static row => row.GetInt64(0));
        foreach (var room in rooms)
        {
            new MemberRows(work, room).Settle(user, new Member(Role.Owner));
        }

        return rooms;
    }
}
