namespace Sync.Engine.Storage.Sqlite;

/// <content>Presence and read cursors, written behind in batches.</content>
internal sealed partial class RoomStore
{
    public Task<IReadOnlyList<PresenceRow>> LoadPresenceAsync(long row, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<PresenceRow>>(
            reader => reader.All(
                "SELECT agent, last_heartbeat_ms, status, cursor_seq, cursor_own, cursor_directed FROM presence WHERE room = $1",
                found => new PresenceRow(
                    row,
                    found.GetString(0),
                    found.IsDBNull(1) ? null : DateTimeOffset.FromUnixTimeMilliseconds(found.GetInt64(1)),
                    found.IsDBNull(2) ? null : found.GetString(2),
                    found.GetInt64(3),
                    found.GetInt64(4),
                    found.GetInt64(5)),
                row),
            cancellationToken);

    /// <summary>Stores presence of any number of rooms; what belongs to a room deleted meanwhile is dropped.</summary>
    public Task SavePresenceAsync(IReadOnlyCollection<PresenceRow> batch, CancellationToken cancellationToken) =>
        batch.Count == 0
            ? Task.CompletedTask
            : database.ExecuteAsync(session => SavePresence(session, batch), cancellationToken);

    private static int SavePresence(WriteSession session, IReadOnlyCollection<PresenceRow> batch)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO presence (room, agent, last_heartbeat_ms, status, cursor_seq, cursor_own, cursor_directed)
            SELECT $1, $2, $3, $4, $5, $6, $7 WHERE EXISTS (SELECT 1 FROM rooms WHERE row = $1 AND deleted_ms IS NULL)
            ON CONFLICT (room, agent) DO UPDATE SET last_heartbeat_ms = excluded.last_heartbeat_ms, status = excluded.status,
                cursor_seq = excluded.cursor_seq, cursor_own = excluded.cursor_own, cursor_directed = excluded.cursor_directed
            """;
        for (var index = 1; index <= 7; index++)
        {
            command.Parameters.Add(new() { ParameterName = $"${index}" });
        }

        var parameters = command.Parameters;
        foreach (var presence in batch)
        {
            parameters[0].Value = presence.Room;
            parameters[1].Value = presence.Agent;
            parameters[2].Value = (object?)presence.LastHeartbeat?.ToUnixTimeMilliseconds() ?? DBNull.Value;
            parameters[3].Value = (object?)presence.Status ?? DBNull.Value;
            parameters[4].Value = presence.CursorSeq;
            parameters[5].Value = presence.CursorOwn;
            parameters[6].Value = presence.CursorDirected;
            command.ExecuteNonQuery();
        }

        return batch.Count;
    }
}

/// <summary>The stored presence of an agent, which is not part of the log.</summary>
/// <param name="Room">The room's row.</param>
/// <param name="Agent">The agent's id.</param>
/// <param name="LastHeartbeat">When it last read, waited or invoked; to the millisecond.</param>
/// <param name="Status">Its status as text, or null.</param>
/// <param name="CursorSeq">Newest message it has read.</param>
/// <param name="CursorOwn">How many of the messages up to there are its own.</param>
/// <param name="CursorDirected">How many of the messages up to there are directed to it.</param>
internal sealed record PresenceRow(long Room, string Agent, DateTimeOffset? LastHeartbeat, string? Status, long CursorSeq, long CursorOwn, long CursorDirected);
