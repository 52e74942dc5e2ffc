using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Rooms;

/// <summary>Who has which role in a room: inviting, claiming, removing, handing over.</summary>
public sealed partial class RoomService
{
    private const int MaxInvites = 50;

    /// <summary>
    /// Gives the user of a name a role in the room. It works at once; the room stands in their lists after they took it up, and they can refuse
    /// (<see cref="AnswerInvitationAsync"/>). A name that no user has is answered alike. Needs admin access.
    /// </summary>
    /// <remarks>Errors: as for admin access; <c>not_owner</c>; <c>invalid_parameter</c> for what cannot be a user name; <c>last_owner</c>.</remarks>
    public async Task<Outcome<MemberInvited>> InviteAsync(Caller caller, string room, string userName, Role role, CancellationToken cancellationToken)
    {
        using var turn = await _memberships.TurnAsync(cancellationToken).ConfigureAwait(false);
        if (!_authorizer.Check(caller, room, AccessLevel.Admin).Try(out var found, out var error))
        {
            return NotOwner(error, room, "invite");
        }

        return UserName.IsValid(userName)
            ? await _memberships.InviteNeedsTurnAsync(found.Record, new InvitedName(userName, role, caller.UserName, _time.UtcNowToMillisecond()), cancellationToken).ConfigureAwait(false)
            : AccessErrors.InvalidUserName(userName);
    }

    /// <summary>Takes a room that nobody is a member of, by a scope that reaches it or by its room token.</summary>
    public async Task<Outcome<MemberInvited>> ClaimAsync(Caller caller, string room, string? roomToken, CancellationToken cancellationToken)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        if (_access.Current(caller)?.User is not { } user)
        {
            return new SyncError(ErrorCode.IdentityMismatch, "Only a user can claim a room; this token has none.") { Hint = "Use a tok_ token, with room_token in the body." };
        }

        if (Identifiers.CheckRoomId(room) is { } badId)
        {
            return badId;
        }

        if (!_directory.TryFind(room, out var record))
        {
            return new SyncError(ErrorCode.RoomNotFound, $"There is no room '{room}'.") { Hint = "Room ids are compared with case; it may have been deleted." }.With("room", room);
        }

        // The room token proves that an orphan is its holder's, whoever made it: no role is left that it could have ended with.
        var proven = roomToken is not null
            && (await _access.AuthenticateAsync(roomToken, cancellationToken).ConfigureAwait(false)).Try(out var holder, out _)
            && holder.Token is { User: null } presented
            && presented.RoomRow == record.Row
            && presented.Scope.LevelFor(room) == AccessLevel.Admin;
        if (!(await _directory.OpenAsync(record).ConfigureAwait(false)).Try(out var loaded, out var error))
        {
            return error;
        }

        using var turn = await _memberships.TurnAsync(cancellationToken).ConfigureAwait(false);
        var held = _access.ScopeOf(caller);
        return await _memberships.ChangeNeedsTurnAsync<MemberInvited>(
            record,
            members =>
            {
                // Asked in the transaction: of two who take an orphan one comes too late.
                var isKept = !proven && loaded.Published.Find(ReservedScopes.Config, Commands.Rooms.RoomCreation.SystemMark) is not null;
                if (CheckClaim(caller, record, members, user, held, proven, isKept) is { } refusal)
                {
                    return refusal;
                }

                members.Settle(user, new Member(Role.Owner));
                return new MemberInvited(room, user.Name, Role.Owner);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private SyncError? CheckClaim(Caller caller, RoomRecord record, MemberRows members, UserRecord user, Scope held, bool proven, bool isKept)
    {
        if (!members.IsOrphan || isKept)
        {
            return new SyncError(ErrorCode.AlreadyOwned, $"The room '{record.Id}' has members.") { Hint = "Ask an owner of the room to invite you." }.With("room", record.Id);
        }

        if (!proven && members.IsRemoved(user.Id))
        {
            return AccessRefusals.NotReached(caller, _access.Current(caller), record, AccessLevel.Admin);
        }

        // A token for other rooms must not make its user the owner of this one.
        return proven || (held.LevelFor(record.Id) >= AccessLevel.Admin && held.AgentFor(record.Id) is null)
            ? null
            : new SyncError(ErrorCode.ScopeDenied, $"This token may not take the room '{record.Id}'.") { Hint = "It needs the scope 'rooms:*'.", Next = [NextStep.OpenAccount] }.With("room", record.Id);
    }

    /// <summary>Takes a member's role away: an owner anybody's, who then comes back by invitation only, every member their own.</summary>
    /// <remarks>Errors: as for reading; <c>not_owner</c>; <c>user_not_found</c> when no member is called so; <c>last_owner</c>.</remarks>
    public async Task<Outcome<RoomMember>> RemoveMemberAsync(Caller caller, string room, string userName, CancellationToken cancellationToken)
    {
        using var turn = await _memberships.TurnAsync(cancellationToken).ConfigureAwait(false);
        if (!_authorizer.Check(caller, room, AccessLevel.Read).Try(out var found, out var error))
        {
            return error;
        }

        var (record, access) = found;
        var user = await _access.Users.FindByNameAsync(userName, cancellationToken).ConfigureAwait(false);
        if (access.Level < AccessLevel.Admin && CheckLeaving(caller, record, user) is { } refusal)
        {
            return refusal;
        }

        // By a token of the room's own too whoever made it is oneself.
        var self = _access.Current(caller) is { } token ? token.User?.Id ?? token.OnBehalfOf : null;
        return await _memberships.ChangeNeedsTurnAsync(record, members => Remove(record, members, userName, self), cancellationToken).ConfigureAwait(false);
    }

    private Outcome<RoomMember> Remove(RoomRecord record, MemberRows members, string userName, string? self)
    {
        var invited = members.InvitedAs(userName);
        var named = members.UserNamed(userName);
        if (invited is null && (named is null || members.Of(named.Id) is null))
        {
            return NoMember(record, userName);
        }

        if (named is not null && members.IsLastOwner(named.Id))
        {
            return Memberships.LastOwner(record, named);
        }

        // A name that has not answered is shown as it was typed, whether or not a user is called so.
        var removed = invited is not null || named is null || members.Of(named.Id) is not { } held ? new RoomMember(invited!.Name, invited.Role) : new RoomMember(named.Name, held.Role);
        members.RemoveInvited(userName);
        if (named is not null && named.Id == self)
        {
            members.Remove(named.Id, _time.GetUtcNow());
        }
        else if (named is not null)
        {
            members.Evict(named.Id, _time.GetUtcNow());
        }

        return removed;
    }

    /// <summary>Hands the room to another member: they become owner, the caller's user collaborator, both or neither.</summary>
    /// <remarks>Errors: as for admin access; <c>not_owner</c>, also for tokens without a user; <c>user_not_found</c> when no member is called so.</remarks>
    public async Task<Outcome<RoomMember>> TransferAsync(Caller caller, string room, string userName, CancellationToken cancellationToken)
    {
        using var turn = await _memberships.TurnAsync(cancellationToken).ConfigureAwait(false);
        if (!_authorizer.Check(caller, room, AccessLevel.Admin).Try(out var found, out var error))
        {
            return error;
        }

        var record = found.Record;
        if (_access.Current(caller)?.User is not { } owner || found.Access.Role != Role.Owner)
        {
            return new SyncError(ErrorCode.NotOwner, $"Only an owner of '{room}' may hand it over.") { Hint = "Sign in as an owner, or use an owner's tok_ token." }.With("room", room);
        }

        if (await _access.Users.FindByNameAsync(userName, cancellationToken).ConfigureAwait(false) is not { } heir)
        {
            return NoMember(record, userName);
        }

        if (heir.Id == owner.Id)
        {
            return new SyncError(ErrorCode.InvalidParameter, $"The room '{room}' is yours already.") { Hint = "Name another member." }.With("field", "username");
        }

        return await _memberships.ChangeNeedsTurnAsync<RoomMember>(
            record,
            members =>
            {
                // Nobody can tell a user who has not taken the role up from a name that no user has; such a user is no heir.
                if (members.Of(heir.Id) is not { Pending: false })
                {
                    return NoMember(record, userName);
                }

                members.Settle(heir, new Member(Role.Owner));
                members.Settle(owner, new Member(Role.Collaborator));
                return new RoomMember(heir.Name, Role.Owner);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What is said to members who lack full access, where a refusal about tokens would miss the point.</summary>
    internal static SyncError NotOwner(SyncError error, string room, string what) =>
        error.Code == ErrorCode.RoomTokenRequired || error.Code == ErrorCode.ReadOnlyToken
            ? new SyncError(ErrorCode.NotOwner, $"Only an owner of '{room}' may {what}.") { Hint = "Ask an owner of the room." }.With("room", room)
            : error;

    private async Task<Outcome<ImmutableArray<MemberInvited>>> InviteAllAsync(Caller caller, RoomRecord record, ImmutableArray<RoomInvite> invites)
    {
        var invited = ImmutableArray.CreateBuilder<MemberInvited>(invites.Length);
        foreach (var (user, role) in invites)
        {
            if (!(await InviteAsync(caller, record.Id, user, role, CancellationToken.None).ConfigureAwait(false)).Try(out var member, out var error))
            {
                return error;
            }

            invited.Add(member);
        }

        return invited.DrainToImmutable();
    }

    // Before anything is made or given: half of a list would be worse than none.
    private static SyncError? CheckInvites(ImmutableArray<RoomInvite> invites, UserRecord? owner)
    {
        if (invites.Length > MaxInvites)
        {
            return new SyncError(ErrorCode.InvalidParameter, $"One call invites at most {MaxInvites} users.") { Hint = "Invite the others with the same call again." }.With("parameter", "invite");
        }

        foreach (var invite in invites)
        {
            if (!UserName.IsValid(invite.User))
            {
                return AccessErrors.InvalidUserName(invite.User).With("parameter", "invite");
            }

            if (invite.User.Equals(owner?.Name, StringComparison.OrdinalIgnoreCase))
            {
                return new SyncError(ErrorCode.InvalidParameter, $"'{invite.User}' is yourself, an owner of the room.") { Hint = "Leave that name out." }.With("parameter", "invite");
            }
        }

        return null;
    }

    /// <summary>Without full access one may take away one's own role, with a token that is not narrower than it. Others do not learn who is a member.</summary>
    private SyncError? CheckLeaving(Caller caller, RoomRecord record, UserRecord? user)
    {
        if (user is null || _access.Current(caller)?.User?.Id != user.Id || _access.ScopeOf(caller).AgentFor(record.Id) is not null)
        {
            return new SyncError(ErrorCode.NotOwner, $"Only an owner of '{record.Id}' may remove others.") { Hint = "Ask an owner of the room. Yourself you can remove." }.With("room", record.Id);
        }

        return record.Members.TryGetValue(user.Id, out var member) ? _authorizer.Reauthorize(caller, record.Id, RoomPolicy.LevelOf(member.Role)) : null;
    }

    private static SyncError NoMember(RoomRecord record, string userName) =>
        new SyncError(ErrorCode.UserNotFound, $"'{Identifiers.Shown(userName)}' is no member of '{record.Id}'.") { Next = [NextStep.ReadRoom(record.Id)] }.With("username", Identifiers.Shown(userName));
}
