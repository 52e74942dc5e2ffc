using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Invitations;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Storage.Sqlite;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Services.Invitations;

/// <summary>Links that let one person in: into a room with a role, onto the server, or both at once.</summary>
public sealed class InvitationService
{
    private const int MaxOpen = 100;

    private static readonly TimeSpan s_usualLife = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_shortestLife = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestLife = TimeSpan.FromDays(90);

    private readonly RoomAuthorizer _authorizer;
    private readonly IdentityCache _access;
    private readonly Memberships _memberships;
    private readonly InvitationStore _store;
    private readonly TimeProvider _time;

    internal InvitationService(RoomAuthorizer authorizer, IdentityCache access, Memberships memberships, InvitationStore store, TimeProvider time)
    {
        _authorizer = authorizer;
        _access = access;
        _memberships = memberships;
        _store = store;
        _time = time;
    }

    /// <summary>Makes a link into a room. Needs admin access to it and a user behind the caller.</summary>
    /// <param name="caller">Who invites.</param>
    /// <param name="room">Into which room.</param>
    /// <param name="role">The role it gives.</param>
    /// <param name="life">How long it holds: a week unless given, at most 90 days.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: as for any admin access; <c>not_owner</c>; <c>identity_mismatch</c> without a user; <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<InvitationMade>> CreateAsync(Caller caller, string room, Role role, TimeSpan? life, CancellationToken cancellationToken)
    {
        if (!CheckRoom(caller, room).Try(out var maker, out var error))
        {
            return error;
        }

        return Enum.IsDefined(role)
            ? await MakeAsync(maker.User, maker.Record, role, life, cancellationToken).ConfigureAwait(false)
            : new SyncError(ErrorCode.InvalidParameter, "This is no role.") { Hint = "A role is owner, collaborator, participant or observer." }.With("field", "role");
    }

    /// <summary>Makes a link onto the server alone. Needs a session of an administrator.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>, <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<InvitationMade>> CreateForServerAsync(Caller caller, TimeSpan? life, CancellationToken cancellationToken) =>
        CheckServer(caller).Try(out var user, out var error)
            ? await MakeAsync(user, record: null, role: null, life, cancellationToken).ConfigureAwait(false)
            : error;

    /// <summary>The open invitations of a room, or of the server when room is null, newest first. Never a secret.</summary>
    /// <remarks>Errors: as for making one.</remarks>
    public async Task<Outcome<IReadOnlyList<InvitationInfo>>> ListAsync(Caller caller, string? room, CancellationToken cancellationToken)
    {
        if (!Check(caller, room).Try(out var maker, out var error))
        {
            return error;
        }

        var open = await _store.ListAsync(maker.Record?.Row, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        return Outcome<IReadOnlyList<InvitationInfo>>.Of([.. open.Select(static invitation => invitation.Info)]);
    }

    /// <summary>Takes an invitation back.</summary>
    /// <remarks>Errors: as for making one; <c>not_found</c>.</remarks>
    public async Task<Outcome<InvitationInfo>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        if (await _store.FindByIdAsync(id, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) is not { Info: var info })
        {
            return NotFound();
        }

        if (!Check(caller, info.Room).Try(out _, out var error))
        {
            // A caller who does not reach the room does not learn that it exists.
            return error.Code == ErrorCode.ScopeDenied || error.Code == ErrorCode.RoomNotFound ? NotFound() : error;
        }

        return await _store.RemoveAsync(id, cancellationToken).ConfigureAwait(false) ? info : NotFound();
    }

    /// <summary>What a link says, for the page it opens. The secret is the proof, so there is no caller.</summary>
    /// <remarks>Errors: <c>not_found</c> when unknown, used up, taken back or expired, or its maker may no longer invite.</remarks>
    public async Task<Outcome<InvitationInfo>> FindAsync(string secret, CancellationToken cancellationToken) =>
        InvitationSecret.Hash(secret) is { } hash && await _store.FindAsync(hash, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) is { } found
            ? found.Info
            : NotFound();

    /// <summary>A signed-in user takes an invitation into a room. It never lowers a role they have.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_found</c>; <c>invalid_parameter</c> for an invitation onto the server, of no use to who is there.</remarks>
    public async Task<Outcome<MemberInvited>> AcceptAsync(Caller caller, string secret, CancellationToken cancellationToken)
    {
        if (!caller.IsSession || _access.Current(caller)?.User is not { } user)
        {
            return new SyncError(ErrorCode.AuthenticationRequired, "Only a signed-in person can accept an invitation.") { Hint = "Sign in, then open the link again." };
        }

        if (InvitationSecret.Hash(secret) is not { } hash)
        {
            return NotFound();
        }

        using var turn = await _memberships.TurnAsync(cancellationToken).ConfigureAwait(false);
        return await _memberships.WriteNeedsTurnAsync(work => Accept(work, hash, user), cancellationToken).ConfigureAwait(false);
    }

    private (Outcome<MemberInvited> Outcome, IReadOnlyList<long> Rooms) Accept(WriteSession work, byte[] hash, UserRecord user)
    {
        if (InvitationStore.Find(work, hash, _time.GetUtcNow()) is not { } invitation)
        {
            return (NotFound(), []);
        }

        if (invitation is not { Room: { } row, Info: { Room: { } room, Role: { } given } })
        {
            return (new SyncError(ErrorCode.InvalidParameter, "This invitation is for somebody new to the server.") { Hint = "Give the link to somebody who has no account here." }, []);
        }

        var members = new MemberRows(work, row);
        var role = members.Of(user.Id) is { } held && held.Role > given ? held.Role : given;
        members.Settle(user, new Member(role));
        InvitationStore.Remove(work, invitation.Info.Id);
        return (new MemberInvited(room, user.Name, role), (IReadOnlyList<long>)[row]);
    }

    private Outcome<(UserRecord User, RoomRecord? Record)> Check(Caller caller, string? room)
    {
        if (room is not null)
        {
            return CheckRoom(caller, room).Try(out var maker, out var refusal) ? (maker.User, maker.Record) : refusal;
        }

        return CheckServer(caller).Try(out var user, out var error) ? (user, null) : error;
    }

    private Outcome<(UserRecord User, RoomRecord Record)> CheckRoom(Caller caller, string room)
    {
        if (!_authorizer.Check(caller, room, AccessLevel.Admin).Try(out var found, out var error))
        {
            return RoomService.NotOwner(error, room, "invite");
        }

        return _access.Current(caller)?.User is { } user
            ? (user, found.Record)
            : new SyncError(ErrorCode.IdentityMismatch, "Only a user can invite; this token has none.") { Hint = "Sign in as an owner of the room, or use an owner's tok_ token." };
    }

    private Outcome<UserRecord> CheckServer(Caller caller)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        // The table's own record: the token's was read when the token was.
        return caller.IsSession && _access.Current(caller)?.User is { } user && _access.Users.UserById(user.Id) is { IsAdmin: true } admin
            ? admin
            : new SyncError(ErrorCode.NotOwner, "Only an administrator of the server may invite people to it.") { Hint = "Sign in as an administrator, or invite into a room of yours." };
    }

    private async Task<Outcome<InvitationMade>> MakeAsync(UserRecord maker, RoomRecord? record, Role? role, TimeSpan? life, CancellationToken cancellationToken)
    {
        var span = life ?? s_usualLife;
        if (span < s_shortestLife || span > s_longestLife)
        {
            return new SyncError(ErrorCode.InvalidParameter, $"An invitation holds at most {s_longestLife.Days} days.") { Hint = "Leave the life time out for a week." };
        }

        var secret = InvitationSecret.New();
        var nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var stored = new StoredInvitation
        {
            Id = Secret.NewId("i_"),

            // Made with the right shape one line above.
            Hash = InvitationSecret.Hash(secret)!,
            Room = record?.Row,
            Role = role,
            UserId = maker.Id,
            CreatedMs = nowMs,
            ExpiresMs = nowMs + (long)span.TotalMilliseconds,
        };

        return (await _store.AddAsync(stored, MaxOpen, cancellationToken).ConfigureAwait(false)).Try(out var info, out var error)
            ? new InvitationMade(info, secret)
            : error;
    }

    private static SyncError NotFound() =>
        new(ErrorCode.NotFound, "There is no such invitation, or it is used up, taken back or expired.") { Hint = "Ask for a new one." };
}

/// <summary>A new invitation with its secret, shown this once.</summary>
/// <param name="Info">The invitation.</param>
/// <param name="Secret"><c>inv_…</c></param>
public sealed record InvitationMade(InvitationInfo Info, string Secret);
