using System.Collections.Immutable;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Concurrency;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <summary>
/// Who has a role in which room, as it changes. Changes take turns, so that a rule about several members (a room keeps an owner) is checked on
/// what it changes, and memory follows in the order of the database. Authority is checked inside the turn too: the one before may have taken it away.
/// </summary>
internal sealed class Memberships(Database database, RoomDirectory directory, IdentityCache access)
{
    // Names that have not answered: each is in memory for as long as the room is.
    private const int MaxInvited = 100;

    private readonly AsyncLock _turn = new();

    /// <summary>Waits for the turn, which ends when the answer is disposed. Nothing slow belongs inside.</summary>
    public Task<IDisposable> TurnAsync(CancellationToken cancellationToken) => _turn.AcquireAsync(cancellationToken);

    /// <summary>Changes a room's members in one transaction, or refuses and changes nothing. Tokens that end with a role end here.</summary>
    /// <remarks>Errors: <c>room_not_found</c> when it was deleted meanwhile, and what the change refuses.</remarks>
    public async Task<Outcome<T>> ChangeNeedsTurnAsync<T>(RoomRecord record, Func<MemberRows, Outcome<T>> change, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> ended = [];
        var outcome = await WriteNeedsTurnAsync(
            work =>
            {
                var members = new MemberRows(work, record.Row);
                if (!members.RoomExists)
                {
                    return (new SyncError(ErrorCode.RoomNotFound, $"There is no room '{record.Id}' any more.") { Hint = "It was deleted a moment ago." }.With("room", record.Id), []);
                }

                var changed = change(members);
                ended = members.Ended;
                return (changed, (IReadOnlyList<long>)[record.Row]);
            },
            cancellationToken).ConfigureAwait(false);
        access.Tokens.Ended(ended);
        return outcome;
    }

    /// <summary>As <see cref="ChangeNeedsTurnAsync"/>, for work that finds out in its transaction which rooms it is about. A refusal must not have written.</summary>
    public async Task<Outcome<T>> WriteNeedsTurnAsync<T>(Func<WriteSession, (Outcome<T> Outcome, IReadOnlyList<long> Rooms)> write, CancellationToken cancellationToken)
    {
        var (outcome, rosters) = await database.ExecuteAsync(
            work =>
            {
                var (outcome, rows) = write(work);
                return (outcome, outcome.Error is null ? rows.Select(row => ReadRoster(work, row)).OfType<Roster>().ToList() : []);
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var roster in rosters)
        {
            Follow(roster);
        }

        return outcome;
    }

    /// <summary>
    /// Gives the user of a name a role. It works at once; whoever is no member yet takes it up or refuses it. A name that no user has is noted in the same way and
    /// answered alike, so that nobody finds out by asking.
    /// </summary>
    /// <remarks>Errors: <c>room_not_found</c>, <c>last_owner</c>; <c>invalid_parameter</c> when too many names have not answered.</remarks>
    public Task<Outcome<MemberInvited>> InviteNeedsTurnAsync(RoomRecord record, InvitedName invited, CancellationToken cancellationToken) =>
        ChangeNeedsTurnAsync<MemberInvited>(
            record,
            members =>
            {
                // Asked in the transaction, known or not: a look-up in memory would be told by its time.
                var user = members.UserNamed(invited.Name);
                if (user is not null && members.Of(user.Id) is { Pending: false })
                {
                    if (invited.Role != Role.Owner && members.IsLastOwner(user.Id))
                    {
                        return LastOwner(record, user);
                    }

                    members.Settle(user, new Member(invited.Role));
                    return new MemberInvited(record.Id, invited.Name, invited.Role);
                }

                if (members.InvitedAs(invited.Name) is null && members.CountInvited() >= MaxInvited)
                {
                    return new SyncError(ErrorCode.InvalidParameter, $"{MaxInvited} invited people have not answered yet.") { Hint = "Remove names that will not answer, or send a link.", Next = [NextStep.InviteByLink(record.Id)] };
                }

                members.Invite(invited);
                if (user is not null)
                {
                    members.Set(user.Id, new Member(invited.Role) { Pending = true });
                }

                return new MemberInvited(record.Id, invited.Name, invited.Role);
            },
            cancellationToken);

    /// <summary>
    /// A user comes in by joining: takes up the role they were given, or becomes participant of an open room where they had none. No effect for a member.
    /// </summary>
    /// <param name="record">The room.</param>
    /// <param name="user">Who.</param>
    /// <param name="open">Whether the room lets anybody in; otherwise who has no role gets none.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>room_not_found</c> when it was deleted meanwhile.</remarks>
    public async Task<Outcome<Role?>> AuthorizeAsync(RoomRecord record, UserRecord user, bool open, CancellationToken cancellationToken)
    {
        if (directory.TryFind(record.Id, out var current) && current.Row == record.Row && current.Members.TryGetValue(user.Id, out var known) && !known.Pending)
        {
            return known.Role;
        }

        using var turn = await TurnAsync(cancellationToken).ConfigureAwait(false);
        return await ChangeNeedsTurnAsync<Role?>(
            record,
            members =>
            {
                var held = members.Of(user.Id);
                // An owner may have removed them since they were let in.
                if (held is null && (!open || members.IsRemoved(user.Id)))
                {
                    return (Role?)null;
                }

                var member = held ?? new Member(Role.Participant) { ViaOpen = true };
                if (held is not { Pending: false })
                {
                    members.Settle(user, member);
                }

                return member.Role;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The refusal to leave a room without an owner.</summary>
    public static SyncError LastOwner(RoomRecord record, UserRecord user) =>
        new SyncError(ErrorCode.LastOwner, $"'{user.Name}' is the only owner of '{record.Id}'.") { Hint = "Transfer the room to another member first, or delete it." }.With("room", record.Id);

    // Memory, as the database has it now.
    private void Follow(Roster roster)
    {
        var before = roster.Members;
        directory.Update(roster.Id, record =>
        {
            if (record.Row != roster.Row)
            {
                return record;
            }

            before = record.Members;
            return record with { Members = roster.Members, Invited = roster.Invited, Removed = roster.Removed };
        });
        directory.Loaded(roster.Row)?.RecordChanged();
        NotifyChanged(roster.Row, before, roster.Members);
    }

    private static Roster? ReadRoster(WriteSession work, long row)
    {
        var members = new MemberRows(work, row);
        return members.RoomId is { } id ? new Roster(row, id, members.All(), members.Invited(), members.Removed()) : null;
    }

    private void NotifyChanged(long room, ImmutableDictionary<string, Member> before, ImmutableDictionary<string, Member> after)
    {
        if (before.IsEmpty != after.IsEmpty)
        {
            // What is nobody's room may be claimed, and no longer may.
            directory.Notices.Notify(AccessChange.OfRoom(room));
            return;
        }

        foreach (var user in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            if (!before.TryGetValue(user, out var was) || !after.TryGetValue(user, out var now) || was != now)
            {
                directory.Notices.Notify(AccessChange.OfMember(user, room));
            }
        }
    }

    private sealed record Roster(long Row, string Id, ImmutableDictionary<string, Member> Members, ImmutableDictionary<string, InvitedName> Invited, ImmutableHashSet<string> Removed);
}
