using Sync.Engine.Authority;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Reads.History;

/// <summary>Asks whether a position in the log is one of the history that the room has. Stateless.</summary>
internal sealed class CursorCheck(RoomStore store)
{
    /// <summary>
    /// Null when it is: a cursor of an event that the room has, or a bare number that the log has reached; else the refusal, <c>cursor_reset</c> or <c>invalid_parameter</c>.
    /// </summary>
    public async Task<SyncError?> CheckAsync(AuthorizedRoom authorized, RoomState now, EventCursor? cursor, string parameter, CancellationToken cancellationToken) =>
        await CheckTagAsync(authorized, now, cursor, parameter, cancellationToken).ConfigureAwait(false)
        ?? (cursor?.Seq > now.Seq || cursor?.Seq < 0 ? Beyond(cursor.Value.Seq, now, parameter) : null);

    /// <summary>The same for a position that something lies before: a bare number beyond the log has all of it before it.</summary>
    public async Task<SyncError?> CheckBeforeAsync(AuthorizedRoom authorized, RoomState now, EventCursor? cursor, string parameter, CancellationToken cancellationToken) =>
        await CheckTagAsync(authorized, now, cursor, parameter, cancellationToken).ConfigureAwait(false)
        ?? (cursor?.Seq < 1 ? new SyncError(ErrorCode.InvalidParameter, "There is nothing before the first event.")
        {
            Hint = "Use the cursor of an answer, or a number from 1.",
            Help = "context_shaping",
        }.With("parameter", parameter) : null);

    private static SyncError Beyond(long seq, RoomState now, string parameter) =>
        new SyncError(ErrorCode.InvalidParameter, $"There is no event {seq}; the room has {now.Seq}.")
        {
            Hint = $"Use the cursor of an answer, or a number up to {now.Seq}.",
            Help = "context_shaping",
        }.With("parameter", parameter);

    private async Task<SyncError?> CheckTagAsync(AuthorizedRoom authorized, RoomState now, EventCursor? cursor, string parameter, CancellationToken cancellationToken)
    {
        if (cursor is not { Tag: { } tag, Seq: var seq })
        {
            return null;
        }

        var known = seq > now.Seq ? null
            : seq == now.Seq ? now.Tag
            : authorized.Room.Feed.Find(seq)?.Tag ?? (await store.EventAsync(authorized.Record.Row, seq, cancellationToken).ConfigureAwait(false) is { } row ? EventCursor.TagOf(row) : null);
        return known == tag ? null : new SyncError(ErrorCode.CursorReset, "This cursor is of another history of the room: it was made anew, or restored from a backup, since the cursor was given.")
        {
            Hint = $"Drop what you have kept of the room, read its context, and use the '_context.cursor' of that as '{parameter}'.",
            Help = "context_shaping",
        }.With("parameter", parameter).With("cursor", cursor.Value.ToString());
    }
}
