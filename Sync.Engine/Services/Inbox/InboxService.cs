using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Services.Inbox;

/// <summary>
/// What waits for a person in all their rooms. It is the user's, whatever they look at it with: a token is shown of it what lies in rooms that it reads. What to do about an item is done as everywhere:
/// <c>_decide</c>, <c>_send_message</c> with <c>reply_to</c>, an answer to the invitation.
/// </summary>
public sealed class InboxService : IAsyncDisposable
{
    /// <summary>A request waits so long for rooms that have not been read once, and then says that some are missing.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, PersonInbox> _inboxes = new(StringComparer.Ordinal);
    private readonly RoomAuthorizer _authorizer;
    private readonly IdentityCache _access;
    private readonly RoomService _rooms;
    private readonly InboxSources _sources;
    private readonly Lock _lock = new();
    private bool _disposed;

    internal InboxService(RoomAuthorizer authorizer, IdentityCache access, RoomService rooms, InboxSources sources)
    {
        _authorizer = authorizer;
        _access = access;
        _rooms = rooms;
        _sources = sources;
    }

    /// <summary>What waits, as of now. Rooms that are not in memory are read in the background; <see cref="InboxModel.Reading"/> says how many are still to come.</summary>
    /// <remarks>Errors: <c>authentication_required</c>; <c>scope_denied</c> for a token that is nobody's or only shows views; <c>invalid_parameter</c> for a limit outside of 1 to <see cref="InboxRequest.MaxItems"/>.</remarks>
    public async Task<Outcome<InboxModel>> ReadAsync(Caller caller, InboxRequest request, CancellationToken cancellationToken)
    {
        if (!UserOf(caller).Try(out var user, out var error))
        {
            return error;
        }

        var inbox = InboxOf(user);
        if (!inbox.Filled.IsCompleted)
        {
            await Task.WhenAny(inbox.Filled, Task.Delay(s_patience, _sources.Time, cancellationToken)).ConfigureAwait(false);
        }

        return Shown(caller, await inbox.CurrentAsync(cancellationToken).ConfigureAwait(false), request);
    }

    /// <summary>Follows what waits. Dispose it when nobody looks any more.</summary>
    /// <remarks>Errors: <c>authentication_required</c>; <c>scope_denied</c> for a token that is nobody's or only shows views.</remarks>
    public Outcome<InboxWatch> Watch(Caller caller)
    {
        if (!UserOf(caller).Try(out var user, out var error))
        {
            return error;
        }

        while (true)
        {
            var inbox = InboxOf(user);
            var watch = new InboxWatch(caller, _access.Notices, request => UserOf(caller).Try(out _, out var refused) ? Shown(caller, inbox.Known, request) : refused);
            if (inbox.TryWatch(watch))
            {
                watch.LeaveBy(inbox.Leave);
                return watch;
            }

            watch.Dispose();
        }
    }

    /// <summary>
    /// Notes that the caller's own agent in a room has read the messages up to a number: what was shown to a person is read. Never moves a cursor back, and never another agent's. Costs no event, as
    /// reading a context does not. Answers the number up to which the agent has read.
    /// </summary>
    /// <remarks>Errors: those of write access, since a token that only reads moves nobody's cursor; <c>embodiment_required</c> for who acts as nobody; <c>invalid_parameter</c> for a message that was not sent.</remarks>
    public async Task<Outcome<long>> MarkReadAsync(Caller caller, string room, long upTo, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var state = authorized.Room.Published;
        if (upTo < 0 || upTo > state.Messages.Count)
        {
            return new SyncError(ErrorCode.InvalidParameter, string.Create(CultureInfo.InvariantCulture, $"There is no message {upTo} in this room."))
            {
                Hint = string.Create(CultureInfo.InvariantCulture, $"The newest is {state.Messages.Count}."),
            }.With("parameter", "message");
        }

        var agent = authorized.Self(state)
            ?? (authorized is { User: { } user, Caller.Session: null, Access.BoundAgent: null } && authorized.Record.Members.TryGetValue(user.Id, out var member)
                ? new RoomPerson(user, member).AgentIn(state, authorized.Ids)
                : null);
        if (agent is null)
        {
            return RoomAuthorizer.NotEmbodied(authorized);
        }

        var presence = authorized.Room.Presence;
        if (upTo > presence.Of(agent).Cursor.Seq)
        {
            presence.Update(agent, (upTo, state.Messages, agent), static (presence, t) => presence with { Cursor = t.Messages.CursorAt(t.agent, t.upTo, presence.Cursor) }, authorized.Room.Clock);
            authorized.Room.Notify(StateKey.Cursor(agent));
        }

        return presence.Of(agent).Cursor.Seq;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        foreach (var inbox in _inboxes.Values)
        {
            await inbox.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>How often rooms were read for a user's inbox, for tests.</summary>
    internal long ReadsFor(string user) => _inboxes.TryGetValue(user, out var inbox) ? inbox.Reads : 0;

    private Outcome<UserRecord> UserOf(Caller caller)
    {
        if (caller.IsAnonymous)
        {
            return RoomAuthorizer.Anonymous;
        }

        if (_access.Current(caller) is not { } token)
        {
            return caller.IsSystem ? Nobodys : RoomAuthorizer.Anonymous;
        }

        return token.User is not { } user ? Nobodys : token.Scope.OnlyShows ? ShowsViews : user;
    }

    private static SyncError ShowsViews { get; } = new(ErrorCode.ScopeDenied, "This token shows views and nothing else; an inbox is not among them.")
    {
        Hint = "Use a token of the same user that reads a room.",
    };

    private static SyncError Nobodys { get; } = new(ErrorCode.ScopeDenied, "An inbox is a user's, and this token is nobody's.")
    {
        Hint = "Use a token that a user minted. What waits in a room stands in its context, under 'approvals' and 'messages'.",
    };

    private PersonInbox InboxOf(UserRecord user)
    {
        while (true)
        {
            if (_inboxes.TryGetValue(user.Id, out var known) && known.TryUse())
            {
                return known;
            }

            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (!_inboxes.TryGetValue(user.Id, out known) || !known.TryUse())
                {
                    _inboxes[user.Id] = known = new PersonInbox(user, _sources, ended => _inboxes.TryRemove(KeyValuePair.Create(ended.UserId, ended)));
                    return known;
                }
            }
        }
    }

    private Outcome<InboxModel> Shown(Caller caller, InboxSnapshot known, InboxRequest request)
    {
        if (request.Limit is < 1 or > InboxRequest.MaxItems)
        {
            return new SyncError(ErrorCode.InvalidParameter, $"'limit' is 1 to {InboxRequest.MaxItems}.").With("parameter", "limit");
        }

        var rooms = known.Rooms.Where(room => _sources.Directory.TryFind(room.Room, out var record) && record.Row == room.Row && !record.IsPendingFor(caller) && _access.Of(caller, record).Level >= AccessLevel.Read).ToList();
        var invitations = (_rooms.Invitations(caller).Try(out var invited, out _) ? invited : []).Select(OfInvitation).ToList();
        var items = rooms.SelectMany(static room => room.Items).Concat(invitations).Where(item => (request.Kind is not { } kind || item.Kind == kind) && (request.Room is not { } only || item.Room == only))
            .OrderByDescending(static item => item.At).ThenByDescending(static item => item.Message ?? item.Seq ?? 0).ThenBy(static item => item.Key, StringComparer.Ordinal).ToList();
        var unlisted = rooms.Where(room => request.Room is not { } only || room.Room == only).SelectMany(static room => room.Unlisted).Where(kind => request.Kind is not { } only || kind.Key == only).Sum(static kind => kind.Value);
        var counts = InboxKinds.All.ToImmutableDictionary(
            static kind => kind,
            kind => kind == InboxKind.Invitation ? invitations.Count : rooms.Sum(room => room.Items.Count(item => item.Kind == kind) + room.Unlisted.GetValueOrDefault(kind)));
        return new InboxModel
        {
            Items = [.. items.Take(request.Limit)],
            Missing = Math.Max(0, items.Count - request.Limit) + unlisted,
            Counts = counts,
            Waiting = counts.Where(static count => count.Key != InboxKind.Attention).Sum(static count => count.Value),
            Rooms =
            [
                .. rooms.Select(static room => new InboxRoom(room.Room, room.Name, room.Unread, room.DirectedUnread, room.Items.Count(static item => item.IsCounted) + room.Unlisted.Where(static kind => kind.Key != InboxKind.Attention).Sum(static kind => kind.Value)))
                    .Where(static room => room.Unread > 0 || room.DirectedUnread > 0 || room.Waiting > 0)
                    .OrderByDescending(static room => room.Waiting).ThenByDescending(static room => room.Unread).ThenBy(static room => room.Room, StringComparer.Ordinal),
            ],
            Reading = known.Reading,
            Beyond = known.Beyond,
        };
    }

    private static InboxItem OfInvitation(RoomInvitation invitation) => new()
    {
        Key = $"{invitation.Room}/invitation",
        Kind = InboxKind.Invitation,
        Room = invitation.Room,
        RoomName = invitation.RoomName,
        At = invitation.At,
        From = invitation.InvitedBy,
        Title = $"{invitation.InvitedBy ?? "An owner"} invites you to {invitation.RoomName ?? invitation.Room}",
        Text = $"As {invitation.Role.ToString().ToLowerInvariant()}.",
    };
}
