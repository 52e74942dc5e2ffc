using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;

namespace Sync.Engine.Authority;

/// <summary>
/// Whom a room lets in, over every surface: who may write there already, and where the room is open whoever knows its id. Whether an entry is a user's, and what follows from that, is
/// decided here once for joins and embodiments. Any thread.
/// </summary>
internal sealed class RoomAdmission(RoomDirectory directory, IdentityCache access, RoomAuthorizer authorizer, Memberships memberships)
{
    /// <summary>Who may join. In an open room anybody may, with a token that is not for it as nobody.</summary>
    /// <remarks>Errors: those of write access.</remarks>
    public Outcome<Admission> CheckJoin(Caller caller, string room)
    {
        if (CheckEntry(caller, room).Try(out var admission, out var refused))
        {
            return admission;
        }

        if (caller.Session?.SessionIn(room).Max < AccessLevel.Write || FindOpen(caller, room) is not { } record)
        {
            return refused;
        }

        // A link that only shows acts for nobody: least of all may it take its user's agent. Without a token the room is as open as it is to everyone.
        var held = caller.IsAnonymous ? default : access.Of(caller, record);
        if (held.Views is not null)
        {
            return refused;
        }

        // A user with a role that only watches cannot get the right to act by joining.
        return access.JoinerOf(caller, record) is not null || (!caller.IsAnonymous && access.Current(caller) is null) ? refused : new Admission(record, held, held, User: null);
    }

    /// <summary>Who may act in the room as an agent of their own, or would once an open room has given them a role.</summary>
    /// <remarks>Errors: those of write access.</remarks>
    public Outcome<Admission> CheckEntry(Caller caller, string room)
    {
        if (authorizer.Check(caller, room, AccessLevel.Write).Try(out var found, out var refused))
        {
            return new Admission(found.Record, found.Access, found.Access, access.JoinerOf(caller, found.Record));
        }

        if (FindOpen(caller, room) is not { } record || access.Current(caller) is not { User: { } user } token || !RoomPolicy.IsUsersJoin(token, record))
        {
            return refused;
        }

        // As it will be: with the role that the room gives to who has none, and let into it.
        var entered = RoomPolicy.Of(
            token with { Admitted = token.Admitted.Add(record.Row) },
            record.Members.ContainsKey(user.Id) ? record : record with { Members = record.Members.SetItem(user.Id, new Member(Role.Participant) { ViaOpen = true }) },
            caller.Session);
        return entered.Level >= AccessLevel.Write ? new Admission(record, access.Of(caller, record), entered, user) : refused;
    }

    /// <summary>
    /// What follows for the user from an entry of theirs: a role where they had none, a role they were given taken up. Not cancellable: the agent is there already.
    /// </summary>
    /// <remarks>Errors: <c>room_not_found</c> when the room was deleted meanwhile.</remarks>
    public async Task<SyncError?> SettleAsync(RoomRecord record, UserRecord user) =>
        (await memberships.AuthorizeAsync(record, user, open: record.Join == JoinPolicy.Open, CancellationToken.None).ConfigureAwait(false)).Error;

    // Open to whoever knows it, but for those whom an owner removed, by whatever token of theirs.
    private RoomRecord? FindOpen(Caller caller, string room) =>
        Identifiers.CheckRoomId(room) is null && directory.TryFind(room, out var record) && record.Join == JoinPolicy.Open
        && !(access.Current(caller) is { } token && RoomPolicy.IsRemoved(token, record)) ? record : null;
}
