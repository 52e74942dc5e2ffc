using Sync.Engine.Persistence;

namespace Sync.Engine.Rooms;

/// <summary>
/// Who has a role in which room, as it changes. Changes take turns, so that a rule about several members (a room keeps an owner) is checked on
/// what it changes, and memory follows in the order of the database. Authority is checked inside the turn too: the one before may have taken it away.
/// </summary>
internal sealed class Memberships(Database database, RoomDirectory directory)
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Waits for the turn, which ends when the answer is disposed. Nothing slow belongs inside.</summary>
    public async Task<IDisposable> TurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_turn);
    }

    /// <summary>Changes a room's members in one transaction, or refuses and changes nothing.</summary>
    /// <remarks>Errors: <c>room_not_found</c> when it was deleted meanwhile, and what the change refuses.</remarks>
    public Task<Outcome<T>> ChangeNeedsTurnAsync<T>(RoomRecord record, Func<MemberRows, Outcome<T>> change, CancellationToken cancellationToken) =>
        WriteNeedsTurnAsync(
            work =>
            {
                var members = new MemberRows(work, record.Row);
                return (members.RoomExists ? change(members) : new SyncError(ErrorCode.RoomNotFound, $"There is no room '{record.Id}' any more.") { Hint = "It was deleted a moment ago." }.With("room", record.Id), record.Row);
            },
            cancellationToken);

    /// <summary>As <see cref="ChangeNeedsTurnAsync"/>, for work that finds out in its transaction which room it is about: null for none. A refusal must not have written.</summary>
    public async Task<Outcome<T>> WriteNeedsTurnAsync<T>(Func<WriteSession, (Outcome<T> Outcome, long? Room)> write, CancellationToken cancellationToken)
    {
        var (outcome, row, id, members) = await database.ExecuteAsync(
            work =>
            {
                var (outcome, row) = write(work);
                return outcome.Error is null && row is { } changed
                    ? (outcome, row, work.First("SELECT id FROM rooms WHERE row = $1", static r => r.GetString(0), changed), new MemberRows(work, changed).All())
                    : (outcome, row, null, null);
            },
            cancellationToken).ConfigureAwait(false);
        if (id is not null && members is not null)
        {
            directory.Update(id, record => record.Row == row ? record with { Members = members } : record);
            if (row is { } changed && directory.Loaded(changed) is { } room)
            {
                room.AccessChanged();
            }
        }

        return outcome;
    }

    /// <summary>Gives a user a role.</summary>
    /// <remarks>Errors: <c>room_not_found</c>, <c>last_owner</c>.</remarks>
    public Task<Outcome<MemberInvited>> SetNeedsTurnAsync(RoomRecord record, UserRecord user, Role role, CancellationToken cancellationToken) =>
        ChangeNeedsTurnAsync<MemberInvited>(
            record,
            members =>
            {
                if (role != Role.Owner && members.IsLastOwner(user.Id))
                {
                    return LastOwner(record, user);
                }

                members.Set(user.Id, role);
                return new MemberInvited(record.Id, user.Name, role);
            },
            cancellationToken);

    /// <summary>The refusal to leave a room without an owner.</summary>
    public static SyncError LastOwner(RoomRecord record, UserRecord user) =>
        new SyncError(ErrorCode.LastOwner, $"'{user.Name}' is the only owner of '{record.Id}'.") { Hint = "Transfer the room to another member first, or delete it." }.With("room", record.Id);

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
