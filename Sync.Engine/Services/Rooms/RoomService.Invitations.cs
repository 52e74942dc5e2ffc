using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Services.Rooms;

/// <content>
/// What an invited user does with a role they were given. It works from the start, so that their agents need not wait; but the room comes into their lists, and they
/// into the room's list of members, by their own word only.
/// </content>
public sealed partial class RoomService
{
    /// <summary>The roles the caller's user was given and has not taken up, as far as the caller reaches them; newest first.</summary>
    /// <remarks>Errors: <c>authentication_required</c>.</remarks>
    public Outcome<IReadOnlyList<RoomInvitation>> Invitations(Caller caller)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        List<RoomInvitation> invitations = [];
        foreach (var place in _visible.Pending(caller))
        {
            if (_directory.TryFind(place.Id, out var record) && record.IsPendingFor(caller) && _access.Of(caller, record) is { Level: >= AccessLevel.Read, Role: { } role })
            {
                var invited = record.Invited.GetValueOrDefault(caller.UserName ?? "");
                invitations.Add(new RoomInvitation(record.Id, record.Name, role, invited?.InvitedBy, invited?.At ?? record.CreatedAt));
            }
        }

        invitations.Sort(static (a, b) => b.At.CompareTo(a.At));
        return Outcome<IReadOnlyList<RoomInvitation>>.Of(invitations);
    }

    /// <summary>The caller's user takes up the role they were given in a room, or refuses it, and then has none. With a token that is not narrower than the role.</summary>
    /// <remarks>Errors: as for reading the room, which an invited user may; <c>not_found</c> without an invitation; <c>scope_denied</c> for a token bound to an agent.</remarks>
    public async Task<Outcome<RoomInvitation>> AnswerInvitationAsync(Caller caller, string room, bool accept, CancellationToken cancellationToken)
    {
        using var turn = await _memberships.TurnAsync(cancellationToken).ConfigureAwait(false);
        if (!_authorizer.Check(caller, room, AccessLevel.Read).Try(out var found, out var error))
        {
            return error;
        }

        var record = found.Record;
        if (_access.Current(caller)?.User is not { } user || !record.Members.TryGetValue(user.Id, out var given) || !given.Pending)
        {
            return NoInvitation(room);
        }

        if (_access.ScopeOf(caller).AgentFor(room) is { } agent)
        {
            return new SyncError(ErrorCode.ScopeDenied, $"This token acts as '{agent}' only; it does not answer for its user.") { Hint = "Use another token of its user.", Next = [NextStep.OpenRooms] }.With("room", room);
        }

        if (_authorizer.Reauthorize(caller, room, RoomPolicy.LevelOf(given.Role)) is { } refusal)
        {
            return refusal;
        }

        var invited = record.Invited.GetValueOrDefault(user.Name);
        var invitation = new RoomInvitation(record.Id, record.Name, given.Role, invited?.InvitedBy, invited?.At ?? record.CreatedAt);
        return await _memberships.ChangeNeedsTurnAsync<RoomInvitation>(
            record,
            members =>
            {
                if (members.Of(user.Id) is not { Pending: true } pending)
                {
                    return NoInvitation(room);
                }

                if (accept)
                {
                    members.Settle(user, pending);
                }
                else
                {
                    members.Remove(user.Id, _time.GetUtcNow());
                    members.RemoveInvited(user.Name);
                }

                return invitation with { Role = pending.Role };
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static SyncError NoInvitation(string room) =>
        new SyncError(ErrorCode.NotFound, $"You have no invitation into '{Identifiers.Shown(room)}' that waits for an answer.") { Next = [NextStep.ListInvitations] }.With("room", Identifiers.Shown(room));
}
