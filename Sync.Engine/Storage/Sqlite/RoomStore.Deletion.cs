namespace Sync.Engine.Storage.Sqlite;

/// <content>
/// Deletion. A room may have millions of events, and the log of the other rooms must not wait for them: one transaction makes the room
/// cease to exist, and what is left goes in slices, each a piece of work between log batches. A deletion cut short is finished at the next
/// start. Deleted content is overwritten (<c>secure_delete</c>), and the write-ahead log emptied at the end.
/// </content>
internal sealed partial class RoomStore
{
    private const int SliceRows = 2_000;
    private const int SliceSnapshots = 4;

    /// <summary>
    /// Removes a room with every trace: events, keys, causes, snapshots, search index, presence, members, its own tokens, and what users' tokens remember of
    /// it. The room must be closed: appends that come later fail. Completes when all is gone; the id is free before that.
    /// </summary>
    public async Task DeleteAsync(long row, CancellationToken cancellationToken)
    {
        await VanishAsync(row, cancellationToken).ConfigureAwait(false);

        // Going away half-way would only leave work for the next start.
        await EraseAsync(row, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The first half of a deletion: from here on the room does not exist, its id is free, and its writer is fenced. What it held is still on the disk.</summary>
    public Task VanishAsync(long row, CancellationToken cancellationToken) => database.ExecuteAsync(session => Vanish(session, row), cancellationToken);

    /// <summary>The second half: what the room held is overwritten. What is left of it when it fails, the next start removes.</summary>
    public async Task EraseAsync(long row, CancellationToken cancellationToken)
    {
        await RemoveRestAsync(row, cancellationToken).ConfigureAwait(false);
        await database.TruncateWriteAheadLogAsync(cancellationToken).ConfigureAwait(false);
        await database.Search.DeleteAsync(row, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finishes deletions that a stop or a crash has cut short, those of search indexes among them.</summary>
    public async Task FinishDeletionsAsync(CancellationToken cancellationToken)
    {
        var rows = await database
            .ReadAsync(static reader => reader.All("SELECT row FROM rooms WHERE deleted_ms IS NOT NULL", static row => row.GetInt64(0)), cancellationToken)
            .ConfigureAwait(false);
        foreach (var row in rows)
        {
            await RemoveRestAsync(row, cancellationToken).ConfigureAwait(false);
        }

        var kept = await database.ReadAsync(static reader => reader.All("SELECT row FROM rooms", static row => row.GetInt64(0)), cancellationToken).ConfigureAwait(false);
        database.Search.Keep(kept.ToHashSet());
    }

    private int Vanish(WriteSession session, long row)
    {
        // Room ids hold no quotes (SPEC: ids), so they are safe inside a JSON path.
        session.Execute(
            """
            UPDATE tokens SET agents = json_remove(agents, '$."' || (SELECT id FROM rooms WHERE row = $1) || '"')
            WHERE agents IS NOT NULL AND json_type(agents, '$."' || (SELECT id FROM rooms WHERE row = $1) || '"') IS NOT NULL
            """,
            row);
        session.Execute("DELETE FROM tokens WHERE room = $1", row);
        session.Execute("DELETE FROM members WHERE room = $1", row);
        session.Execute("DELETE FROM invitations WHERE room = $1", row);
        session.Execute("DELETE FROM invited_names WHERE room = $1", row);
        session.Execute("DELETE FROM removed_members WHERE room = $1", row);
        session.Execute("DELETE FROM presence WHERE room = $1", row);
        session.Execute("DELETE FROM webhooks WHERE room = $1", row);

        // No room can have an id with a space, so the old id is free at once. The epoch fences whoever still believes to be the room's writer.
        return session.Execute(
            "UPDATE rooms SET id = 'deleted ' || row, name = NULL, deleted_ms = $2, epoch = epoch + 1 WHERE row = $1",
            row,
            time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private async Task RemoveRestAsync(long row, CancellationToken cancellationToken)
    {
        await RemoveAsync("DELETE FROM snapshots WHERE room = $1 AND seq IN (SELECT seq FROM snapshots WHERE room = $1 LIMIT $2)", SliceSnapshots).ConfigureAwait(false);
        await RemoveAsync(
            "DELETE FROM event_keys WHERE room = $1 AND (scope, key, seq) IN (SELECT scope, key, seq FROM event_keys WHERE room = $1 LIMIT $2)",
            SliceRows).ConfigureAwait(false);
        await RemoveAsync("DELETE FROM event_causes WHERE room = $1 AND (cause, seq) IN (SELECT cause, seq FROM event_causes WHERE room = $1 LIMIT $2)", SliceRows).ConfigureAwait(false);
        await RemoveAsync("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE room = $1 LIMIT $2)", SliceRows).ConfigureAwait(false);
        await database
            .ExecuteAsync(
                session =>
                {
                    // What a flush or an append on its way has brought meanwhile.
                    foreach (var table in (string[])["presence", "snapshots", "event_keys", "event_causes", "events"])
                    {
                        session.Execute($"DELETE FROM {table} WHERE room = $1", row);
                    }

                    return session.Execute("DELETE FROM rooms WHERE row = $1", row);
                },
                cancellationToken)
            .ConfigureAwait(false);

        async Task RemoveAsync(string sql, int slice)
        {
            while (await database.ExecuteAsync(session => session.Execute(sql, row, slice), cancellationToken).ConfigureAwait(false) > 0)
            {
            }
        }
    }
}
