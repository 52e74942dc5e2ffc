using System.Globalization;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Rooms;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Rooms;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Rooms;

/// <summary>Rooms: their life cycle here, their members and their activity each in a part of its own.</summary>
public sealed partial class RoomService
{
    /// <summary>So many rooms of one name get a number; past it the id is generated.</summary>
    private const int MaxNumbered = 99;

    private readonly RoomAuthorizer _authorizer;
    private readonly RoomDirectory _directory;
    private readonly IdentityCache _access;
    private readonly Memberships _memberships;
    private readonly RoomStore _store;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly RoomInfos _infos;
    private readonly VisibleRooms _visible;
    private readonly AgentIds _ids;

    internal RoomService(RoomAuthorizer authorizer, RoomDirectory directory, IdentityCache access, VisibleRooms visible, Memberships memberships, RoomStore store, EngineOptions options, TimeProvider time, AgentIds ids)
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
        _ids = ids;
    }

    /// <summary>Creates a room; the caller's user becomes its owner. Needs <c>create_rooms</c>. With a template the room begins with that pack, or is not made.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>scope_denied</c>, <c>invalid_id</c>, <c>room_exists</c>, and those of installing the template.</remarks>
    public async Task<Outcome<RoomCreated>> CreateAsync(Caller caller, CreateRoom request, CancellationToken cancellationToken)
    {
        if (CreationRefusal(caller) is { } refused)
        {
            return refused;
        }

        Pack? template = null;
        return !request.HasTemplate || PackParser.Read(request.Template, _options.Limits).Try(out template, out refused)
            ? await MakeAsync(caller, request, template, copy: null, cancellationToken).ConfigureAwait(false)
            : refused;
    }

    private async Task<Outcome<RoomCreated>> MakeAsync(Caller caller, CreateRoom request, Pack? template, RoomCopy? copy, CancellationToken cancellationToken)
    {
        var token = _access.Current(caller);

        if (token?.User is { } owner && _directory.Index.Of(owner.Id).Owned >= _options.Limits.RoomsPerUser)
        {
            return BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, "rooms", "user", _options.Limits.RoomsPerUser, $"You own {_options.Limits.RoomsPerUser} rooms already.", "Delete rooms that are no longer used, or hand them over.");
        }

        var id = request.Id ?? (request.IdFromName ? FreeIdOf(request.Name) : null) ?? Secret.NewId("room-");
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
            return Exists(caller, id, request);
        }

        _directory.Put(record);
        _access.RoomTokens.Adopt(record, roomToken, viewToken);
        var room = await _directory.LoadAsync(record).ConfigureAwait(false);
        var created = await room.Writer.ExecuteAsync(new CreateRoomCommand
        {
            Name = record.Name,
            Join = record.Join,
            IsSystem = caller.IsSystem,
            Creator = token?.User is { } creator ? new RoomCreator(creator.Id, _ids.NewPlainId(room.Published, creator), creator.Name) : null,
            Template = template?.ToJson(),
            Copy = copy,
        }, CancellationToken.None).ConfigureAwait(false);
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
        return new RoomCreated(_infos.Of(current, _access.Of(caller, current)), roomSecret, viewSecret) { Invited = invited, Template = template is null ? null : new RoomTemplate(template.Name, template.Version) };
    }

    private SyncError Exists(Caller caller, string id, CreateRoom request)
    {
        var isOwned = IsOwned(caller, id);
        return new SyncError(ErrorCode.RoomExists, $"There is already a room '{id}'{(isOwned ? ", and it is yours" : "")}.")
        {
            Hint = isOwned ? "Go on in it, or choose another id." : "Choose another id, or leave it out for a generated one.",
            Next = isOwned && _directory.TryFind(id, out var own) && ToChange(own, request) is { } change ? [change] : [],
        }.With("room", id);
    }

    /// <summary>Creates a room; where its owner has one of that id already, it is that one. Either way the roles that are asked for are given.</summary>
    /// <remarks>Errors: those of creating and inviting.</remarks>
    public async Task<Outcome<RoomFound>> CreateOrFindAsync(Caller caller, CreateRoom request, CancellationToken cancellationToken)
    {
        if (request.Id is not { } id || !IsOwned(caller, id))
        {
            return (await CreateAsync(caller, request, cancellationToken).ConfigureAwait(false)).Try(out var created, out var refused)
                ? new RoomFound(created.Info, IsNew: true, created.Invited) { Template = created.Template }
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
        return new RoomFound(_infos.Of(current, authorized.Access), IsNew: false, invited) { ToChange = ToChange(current, request), ToInstall = ToInstall(request) };
    }

    // A room that is there stays as it is: what makes rooms changes none.
    private static NextStep? ToChange(RoomRecord record, CreateRoom request)
    {
        var name = request.Name is not null && request.Name != record.Name ? request.Name : null;
        var join = request.Join is { } asked && asked != record.Join ? asked.Word() : null;
        return name is null && join is null ? null : NextStep.UpdateRoom(record.Id, name, join);
    }

    // The same of a template: a room that is there gets it by an action, which can be tried out first.
    private static NextStep? ToInstall(CreateRoom request) => request is { HasTemplate: true, Id: { } id } ? NextStep.InstallPack(id, request.Template) : null;

    /// <summary>Whether <see cref="CreateOrFindAsync"/> finds a room of the caller's under the id.</summary>
    public bool IsOwned(Caller caller, string id) => _directory.TryFind(id, out var record) && _access.Of(caller, record).Level == AccessLevel.Admin;

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

    /// <summary>The id that a room of a name would get with <see cref="CreateRoom.IdFromName"/>, as far as the rooms of now go; null where it would be generated.</summary>
    public string? FreeIdOf(string? name)
    {
        var slug = name is null ? "" : AgentSlug.OfRoomName(name);
        if (slug.Length == 0 || Identifiers.CheckRoomId(slug) is not null)
        {
            return null;
        }

        return Enumerable.Range(1, MaxNumbered).Select(number => Numbered(slug, number)).FirstOrDefault(id => !_directory.TryFind(id, out _));
    }

    private static string Numbered(string slug, int number)
    {
        var suffix = number == 1 ? "" : $"-{number.ToString(CultureInfo.InvariantCulture)}";
        return slug[..Math.Min(slug.Length, Identifiers.MaxIdLength - suffix.Length)] + suffix;
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

    internal static Decision Decide(UpdateRoomCommand command, Model.Expressions.Moment moment)
    {
        var e = new RoomEvent
        {
            Seq = moment.State.Seq + 1,
            At = moment.Now,
            Kind = EventKind.RoomUpdated,
            Params = JsonText.Of(new System.Text.Json.Nodes.JsonObject { ["name"] = command.Name, ["join"] = command.Join.Word() }),
        };
        return Decision.Commit(e, moment.State.Apply(e), JsonText.Null);
    }

    private static SyncError? CheckName(string? name) =>
        name is null || Identifiers.IsTitle(name, 200)
            ? null
            : new SyncError(ErrorCode.InvalidParameter, "A room's name has 1 to 200 printable characters.") { Hint = "Leave out control, zero-width and direction characters." }.With("field", "name");
}
