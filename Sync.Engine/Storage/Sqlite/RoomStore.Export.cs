using Sync.Engine.Model.Events;

namespace Sync.Engine.Storage.Sqlite;

/// <content>A room's log as an export writes it.</content>
internal sealed partial class RoomStore
{
    /// <summary>Events after one and up to another, in order, with what stands beside their bodies.</summary>
    public Task<List<ExportRow>> ReadForExportAsync(long row, long after, long upTo, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.AtOneMoment(reader =>
            {
                var keys = reader
                    .All(
                        "SELECT seq, scope, key FROM event_keys WHERE room = $1 AND seq > $2 AND seq <= $3",
                        static found => (Seq: found.GetInt64(0), Scope: found.GetString(1), Key: found.GetString(2)),
                        row,
                        after,
                        upTo)
                    .ToLookup(key => key.Seq, key => (key.Scope, key.Key));
                return reader.All(
                    "SELECT seq, at_ms, kind, agent, action, ok, body, request_key FROM events WHERE room = $1 AND seq > $2 AND seq <= $3 ORDER BY seq",
                    found => new ExportRow(MapEvent(found), found.IsDBNull(7) ? null : found.GetString(7), [.. keys[found.GetInt64(0)]]),
                    row,
                    after,
                    upTo);
            }),
            cancellationToken);
}

/// <summary>An event as an export writes it.</summary>
internal sealed record ExportRow(EventRow Event, string? RequestKey, IReadOnlyList<(string Scope, string Key)> Keys);
