using Sync.Engine.Persistence;
using Sync.Engine.Rooms;

namespace Sync.Engine.History;

/// <summary>Asks whether a cursor is of the history that the room has. Stateless.</summary>
internal sealed class CursorCheck(RoomStore store)
{
    /// <summary>Null when it is, or when it is a bare number; else the refusal.</summary>
    public async Task<SyncError?> CheckAsync(Entrance entrance, EventCursor? cursor, string parameter, CancellationToken cancellationToken)
    {
        if (cursor is not { Tag: { } tag, Seq: var seq })
        {
            return null;
        }

        var now = entrance.Room.Published;
        var known = seq > now.Seq ? null
            : seq == now.Seq ? now.Tag
            : entrance.Room.Feed.Find(seq)?.Tag ?? (await store.EventAsync(entrance.Record.Row, seq, cancellationToken).ConfigureAwait(false) is { } row ? EventCursor.TagOf(row) : null);
        return known == tag ? null : new SyncError(ErrorCode.CursorReset, "This cursor is of another history of the room: it was made anew, or restored from a backup, since the cursor was given.")
        {
            Hint = $"Drop what you have kept of the room, ask again without '{parameter}', and go on from the cursor of that answer.",
            Help = "context_shaping",
        }.With("parameter", parameter).With("cursor", cursor.Value.ToString());
    }
}
