using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.State;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Runtime;

/// <summary>
/// What is saved of rooms beside their logs: presence, written behind, and snapshots. Losing either costs time or a message that shows as unread once more, never data. Any thread.
/// </summary>
internal sealed partial class RoomSaver(RoomStore store, ILogger logger)
{
    private readonly ConcurrentDictionary<long, bool> _snapshotting = new();

    /// <summary>Saves a snapshot, unless one is being saved. Called on the log's thread, which must not wait.</summary>
    public async Task SaveSnapshotAsync(RoomReplica room, CancellationToken cancellationToken)
    {
        var row = room.Record.Row;
        if (!_snapshotting.TryAdd(row, true))
        {
            return;
        }

        // Away from the log's thread, which called.
        await Task.Yield();
        try
        {
            var state = room.Published;
            var body = SnapshotJson.Write(state);
            await store.SaveSnapshotAsync(row, state.Seq, body, cancellationToken).ConfigureAwait(false);
            room.SnapshotTaken(body.Length, state.Seq);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A missing snapshot costs time at the next load, never data.
            LogSnapshotFailed(logger, e, room.Record.Id);
        }
        finally
        {
            _snapshotting.TryRemove(row, out _);
        }
    }

    /// <summary>Saves what has changed of presence since the last time.</summary>
    public async Task SavePresenceAsync(RoomReplica room, CancellationToken cancellationToken)
    {
        var dirty = room.Presence.TakeDirty();
        if (dirty.Count == 0)
        {
            return;
        }

        try
        {
            await store.SavePresenceAsync(
                [.. dirty.Select(d => new PresenceRow(room.Record.Row, d.Agent, d.Presence.LastHeartbeat, d.Presence.SetStatus?.Word(), d.Presence.Cursor.Seq, d.Presence.Cursor.Own, d.Presence.Cursor.Directed))],
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Not written is still to be written.
            room.Presence.MarkDirty(dirty.Select(static d => d.Agent));
            throw;
        }
    }

    /// <summary>Saves all of a room that is closed and let go of. What cannot be saved is logged.</summary>
    public async Task SaveAllAsync(RoomReplica room)
    {
        try
        {
            await SavePresenceAsync(room, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A released room that could not be loaded again would be worse than a message that shows as unread once more.
            LogPresenceFailed(logger, e, room.Record.Id);
        }

        if (room.HasUnsavedEvents)
        {
            try
            {
                await store.SaveSnapshotAsync(room.Record.Row, room.Published.Seq, SnapshotJson.Write(room.Published), CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogSnapshotFailed(logger, e, room.Record.Id);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Room {Room}: no snapshot could be saved.")]
    private static partial void LogSnapshotFailed(ILogger logger, Exception cause, string room);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Room {Room}: presence could not be saved.")]
    private static partial void LogPresenceFailed(ILogger logger, Exception cause, string room);
}
