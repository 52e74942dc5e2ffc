using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Rooms;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Rooms;

/// <summary>Room life cycle and membership.</summary>
public sealed partial class RoomService
{
    /// <summary>Key in <c>_config</c> that marks a room the server made for itself: nobody can claim it.</summary>
    private const string SystemMark = "system_room";

    private const int MaxInvites = 50;

    private readonly RoomAuthorizer _authorizer;
    private readonly RoomDirectory _directory;
    private readonly IdentityCache _access;
    private readonly Memberships _memberships;
    private readonly RoomStore _store;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly RoomInfos _infos;
    private readonly VisibleRooms _visible;

    internal RoomService(RoomAuthorizer authorizer, RoomDirectory directory, IdentityCache access, VisibleRooms visible, Memberships memberships, RoomStore store, EngineOptions options, TimeProvider time)
    {
        _authorizer = authorizer;
        _directory = directory;
        _access = access;
        _memberships = memberships;
        _store = store;
        _options = options;
        _time = time;
        _infos = new RoomInfos(directory, access.Users);
        _visible = visible;
    }

    /// <summary>Creates a room; the caller's user becomes its owner. Needs <c>create_rooms</c>.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>scope_denied</c>, <c>invalid_id</c>, <c>room_exists</c>.</remarks>
    public async Task<Outcome<RoomCreated>> CreateAsync(Caller caller, CreateRoom request, CancellationToken cancellationToken)
    {
        if (CreationRefusal(caller) is { } refused)
        {
            return refused;
        }

        var token = _access.Current(caller);

        if (token?.User is { } owner && _directory.Index.Of(owner.Id).Owned >= _options.Limits.RoomsPerUser)
        {
            return BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, "rooms", "user", _options.Limits.RoomsPerUser, $"You own {_options.Limits.RoomsPerUser} rooms already.", "Delete rooms that are no longer used, or hand them over.");
        }

        var id = request.Id ?? Secret.NewId("room-");
        if ((Identifiers.CheckRoomId(id) ?? CheckName(request.Name) ?? CheckInvites(request.Invites, token?.User)) is { } invalid)
        {
            return invalid;
        }

        var (roomSecret, roomToken) = _access.RoomTokens.NewLegacyToken(Secret.RoomPrefix, Scope.Of(id, AccessLevel.Admin), caller);
        var (viewSecret, viewToken) = _access.RoomTokens.NewLegacyToken(Secret.ViewPrefix, Scope.Of(id, AccessLevel.Read), caller);
        var record = _directory.TryFind(id, out _) ? null : await _store.CreateAsync(
            id, request.Name, request.Join ?? _options.Join, token?.User?.Id, _time.GetUtcNow(), [roomToken, viewToken], cancellationToken).ConfigureAwait(false);
        if (record is null)
        {
            return new SyncError(ErrorCode.RoomExists, $"There is already a room '{id}'{(IsOwned(caller, id) ? ", and it is yours" : "")}.")
            {
                Hint = IsOwned(caller, id) ? "Go on in it, or choose another id." : "Choose another id, or leave it out for a generated one.",
                Next = IsOwned(caller, id) && _directory.TryFind(id, out var own) && ToChange(own, request) is { } change ? [change] : [],
            }.With("room", id);
        }

        _directory.Put(record);
        _access.RoomTokens.Adopt(record, roomToken, viewToken);
        var room = await _directory.LoadAsync(record).ConfigureAwait(false);
        var created = await room.Writer.ExecuteAsync(new CreateRoomCommand { Name = record.Name, Join = record.Join, IsSystem = caller.IsSystem }, CancellationToken.None).ConfigureAwait(false);
        if (!created.Try(out _, out var error))
        {
            return await WithdrawAsync(record, error).ConfigureAwait(false);
        }

        if (token is not null)
        {
            // The room is there: whoever hangs up now must still reach it.
            await _access.Tokens.AppendRoomScopeAsync(token.Id, id, CancellationToken.None).ConfigureAwait(false);
        }

        // Its log begins with its creation; whoever waits for it comes after.
        _directory.Arrivals.Notify(id);

        // The room is there: who hangs up now has invited all the same.
        if (!(await InviteAllAsync(caller, record, request.Invites).ConfigureAwait(false)).Try(out var invited, out error))
        {
            return error;
        }

        var current = _directory.TryFind(id, out var known) ? known : record;
        return new RoomCreated(_infos.Of(current, _access.Of(caller, current)), roomSecret, viewSecret) { Invited = invited };
    }

    /// <summary>Creates a room; where its owner has one of that id already, it is that one. Either way the roles that are asked for are given.</summary>
    /// <remarks>Errors: those of creating and inviting.</remarks>
    public async Task<Outcome<RoomFound>> CreateOrFindAsync(Caller caller, CreateRoom request, CancellationToken cancellationToken)
    {
        if (request.Id is not { } id || !IsOwned(caller, id))
        {
            return (await CreateAsync(caller, request, cancellationToken).ConfigureAwait(false)).Try(out var created, out var refused)
                ? new RoomFound(created.Info, IsNew: true, created.Invited)
                : refused;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, id, AccessLevel.Admin).ConfigureAwait(false)).Try(out var authorized, out var error)
            || (error = CheckInvites(request.Invites, authorized.User)) is not null
            || !(await InviteAllAsync(caller, authorized.Record, request.Invites).ConfigureAwait(false)).Try(out var invited, out error))
        {
            return error;
        }

        var current = _directory.TryFind(id, out var record) ? record : authorized.Record;
        return new RoomFound(_infos.Of(current, authorized.Access), IsNew: false, invited) { ToChange = ToChange(current, request) };
    }

    // A room that is there stays as it is: what makes rooms changes none.
    private static NextStep? ToChange(RoomRecord record, CreateRoom request)
    {
        var name = request.Name is not null && request.Name != record.Name ? request.Name : null;
        var join = request.Join is { } asked && asked != record.Join ? asked.Word() : null;
        return name is null && join is null ? null : NextStep.UpdateRoom(record.Id, name, join);
    }

    /// <summary>Whether <see cref="CreateOrFindAsync"/> finds a room of the caller's under the id.</summary>
    public bool IsOwned(Caller caller, string id) => _directory.TryFind(id, out var record) && _access.Of(caller, record).Level == AccessLevel.Admin;

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

    /// <summary>Whether the caller may create rooms: null, or the refusal it would get.</summary>
    public SyncError? CreationRefusal(Caller caller) =>
        caller.IsAnonymous ? RoomAuthorizer.Anonymous
        : !_access.ScopeOf(caller).CanCreateRooms || _access.Current(caller) is { User: null }
            ? new SyncError(ErrorCode.ScopeDenied, "This token may not create rooms.") { Hint = "It needs the scope 'create_rooms'." }.With("scope", "create_rooms")
            : null;

    /// <summary>One room.</summary>
    public async Task<Outcome<RoomInfo>> GetAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            ? _infos.Of(authorized.Record, authorized.Access)
            : error;
    }

    /// <summary>Whether the caller holds a level in a room: null, or the refusal it would get. Loads nothing.</summary>
    public SyncError? Refusal(Caller caller, string room, AccessLevel needed) => _authorizer.Reauthorize(caller, room, needed);

    /// <summary>Changes name or join policy. Needs admin access.</summary>
    public async Task<Outcome<RoomInfo>> PatchAsync(Caller caller, string room, RoomPatch patch, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Admin).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if (CheckName(patch.Name) is { } invalid)
        {
            return invalid;
        }

        if (!(await ChangeAsync(caller, room, patch, cancellationToken).ConfigureAwait(false)).Try(out var done, out error))
        {
            return error;
        }

        if (done.Changed)
        {
            await authorized.Room.Writer.ExecuteAsync(new UpdateRoomCommand { Name = done.Record.Name, Join = done.Record.Join }, cancellationToken).ConfigureAwait(false);
        }

        return _infos.Of(done.Record, authorized.Access);
    }

    /// <summary>Deletes a room with every trace of it. Needs admin access as its owner (or its room token).</summary>
    public async Task<Outcome<string>> DeleteAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        if (!_authorizer.Check(caller, room, AccessLevel.Admin).Try(out var found, out var error))
        {
            return error;
        }

        // From here on nobody can stop it: half deleted, the room would be back after a restart.
        cancellationToken.ThrowIfCancellationRequested();
        await RemoveAsync(found.Record).ConfigureAwait(false);
        return found.Record.Id;
    }

    private async Task RemoveAsync(RoomRecord record)
    {
        // Out of memory first: what was under way ends before its trace is removed.
        await _directory.RemoveAsync(record).ConfigureAwait(false);
        try
        {
            await _store.VanishAsync(record.Row, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            // It is there as before, and so is its way into the lists: neither used nor deleted again could it be until a restart.
            _directory.Put(record);
            throw;
        }

        await _access.RoomTokens.ForgetAsync(record, CancellationToken.None).ConfigureAwait(false);
        await _store.EraseAsync(record.Row, CancellationToken.None).ConfigureAwait(false);
    }

    // Without its first event it is not made: the same call may come again.
    private async Task<SyncError> WithdrawAsync(RoomRecord record, SyncError error)
    {
        try
        {
            await RemoveAsync(record).ConfigureAwait(false);
            return error;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return error with { Hint = $"The room '{record.Id}' is there without its first event: use it, or delete it.", Next = [NextStep.ReadRoom(record.Id), NextStep.DeleteRoom(record.Id)] };
        }
    }

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
                if (!members.IsOrphan || (!proven && loaded.Published.Find(ReservedScopes.Config, SystemMark) is not null))
                {
                    return new SyncError(ErrorCode.AlreadyOwned, $"The room '{room}' has members.") { Hint = "Ask an owner of the room to invite you." }.With("room", room);
                }

                // A token for other rooms must not make its user the owner of this one.
                if (!proven && (held.LevelFor(room) < AccessLevel.Admin || held.AgentFor(room) is not null))
                {
                    return new SyncError(ErrorCode.ScopeDenied, $"This token may not take the room '{room}'.") { Hint = "It needs the scope 'rooms:*'.", Next = [NextStep.OpenAccount] }.With("room", room);
                }

                members.Settle(user, new Member(Role.Owner));
                return new MemberInvited(room, user.Name, Role.Owner);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a member's role away: an owner anybody's, every member their own.</summary>
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

        return await _memberships.ChangeNeedsTurnAsync<RoomMember>(
            record,
            members =>
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
                if (named is not null)
                {
                    members.Remove(named.Id, _time.GetUtcNow());
                }

                return removed;
            },
            cancellationToken).ConfigureAwait(false);
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

    // One at a time: two that change one thing each would put back what the other has changed.
    private async Task<Outcome<(RoomRecord Record, bool Changed)>> ChangeAsync(Caller caller, string room, RoomPatch patch, CancellationToken cancellationToken)
    {
        using var turn = await _memberships.TurnAsync(cancellationToken).ConfigureAwait(false);
        if (!_authorizer.Check(caller, room, AccessLevel.Admin).Try(out var found, out var error))
        {
            return error;
        }

        var changed = found.Record with { Name = patch.Name ?? found.Record.Name, Join = patch.Join ?? found.Record.Join };
        if (changed == found.Record)
        {
            return (changed, false);
        }

        await _store.UpdateAsync(changed, cancellationToken).ConfigureAwait(false);
        _directory.Update(changed.Id, r => r.Row == changed.Row ? r with { Name = changed.Name, Join = changed.Join } : r);
        return (changed, true);
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

    internal static Decision Decide(CreateRoomCommand command, Model.Expressions.Moment moment)
    {
        var copy = new Commands.Invocations.WorkingCopy(moment);
        if (command.IsSystem)
        {
            copy.Put(ReservedScopes.Config, SystemMark, JsonText.Trusted("true"u8.ToArray()));
        }

        return Logged(moment, EventKind.RoomCreated, command.Name, command.Join, copy);
    }

    internal static Decision Decide(UpdateRoomCommand command, Model.Expressions.Moment moment) =>
        Logged(moment, EventKind.RoomUpdated, command.Name, command.Join, new Commands.Invocations.WorkingCopy(moment));

    private static Decision Logged(Model.Expressions.Moment moment, EventKind kind, string? name, JoinPolicy join, Commands.Invocations.WorkingCopy copy)
    {
        var e = new RoomEvent
        {
            Seq = moment.State.Seq + 1,
            At = moment.Now,
            Kind = kind,
            Params = JsonText.Of(new System.Text.Json.Nodes.JsonObject { ["name"] = name, ["join"] = join.Word() }),
            Changes = copy.ToChanges(),
        };
        return Decision.Commit(e, moment.State.Apply(e), JsonText.Null);
    }

    private static SyncError? CheckName(string? name) =>
        name is null || Identifiers.IsTitle(name, 200)
            ? null
            : new SyncError(ErrorCode.InvalidParameter, "A room's name has 1 to 200 printable characters.") { Hint = "Leave out control, zero-width and direction characters." }.With("field", "name");
}
