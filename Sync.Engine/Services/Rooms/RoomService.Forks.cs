using Sync.Engine.Identity;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.History;
using Sync.Engine.Reads.Rooms;

namespace Sync.Engine.Services.Rooms;

/// <summary>Rooms made of what others have.</summary>
public sealed partial class RoomService
{
    /// <summary>Makes a room of what the caller may read of another; the caller's user becomes its owner. Needs <c>create_rooms</c>, and reading the other room.</summary>
    /// <remarks>Errors: those of creating and of access, <c>cursor_reset invalid_parameter payload_too_large cel_limit_exceeded</c>.</remarks>
    public Task<Outcome<RoomCreated>> ForkAsync(Caller caller, string room, ForkRoom request, CancellationToken cancellationToken) => ForkAsync(caller, caller, room, request, cancellationToken);

    /// <summary>The same of what <paramref name="reader"/> may read: a room that the server itself shows to everybody, and that nobody has a role in.</summary>
    public async Task<Outcome<RoomCreated>> ForkAsync(Caller caller, Caller reader, string room, ForkRoom request, CancellationToken cancellationToken)
    {
        if (CreationRefusal(caller) is { } refused || !(await _authorizer.AuthorizeAsync(reader, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out refused))
        {
            return refused;
        }

        var published = authorized.Room.Published;
        if ((await new CursorCheck(_store).CheckAsync(authorized, published, request.At, "at", cancellationToken).ConfigureAwait(false)
            ?? (request.At is { Seq: < 1 } ? History.HistoryService.NoEvent(request.At.Value.Seq, published) : null)) is { } wrong)
        {
            return wrong;
        }

        var moment = authorized.Room.Now;
        if (request.At is { } at && at.Seq < moment.State.Seq)
        {
            var past = await _directory.ReadStateAsync(authorized.Record.Row, at.Seq, cancellationToken).ConfigureAwait(false);
            moment = new Moment(past, new Runtime.Presence(), past.UpdatedAt, authorized.Record) { Present = moment.State };
        }

        var copied = await authorized.EvaluateAsync(
            (authorized, moment, now: _time.GetUtcNow()),
            static t => RoomCopies.Of(t.moment, t.authorized.Access.SeesAllScopes, t.authorized.User?.Id, t.now, t.authorized.Room.Limits, t.authorized.Room.NewBudget()),
            cancellationToken).ConfigureAwait(false);
        return copied.Try(out var copy, out var error)
            && (await MakeAsync(caller, new CreateRoom(request.Id, request.Name, request.Join) { IdFromName = request.IdFromName }, template: null, copy, cancellationToken).ConfigureAwait(false)).Try(out var made, out error)
                ? made with { ForkedAt = copy.At }
                : error;
    }
}
