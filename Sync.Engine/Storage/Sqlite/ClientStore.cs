using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Grants;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>OAuth clients on disk. Stateless and thread-safe.</summary>
internal sealed class ClientStore(Database database)
{
    private const int MakeRoomFrom = 5_000;
    private const int Max = 10_000;

    // How many go at once, so that the tables are not searched at each registration.
    private const int Evicted = 500;

    // Who has just registered is about to send a person here.
    private static readonly TimeSpan s_settling = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_unused = TimeSpan.FromDays(90);

    /// <summary>Stores a client; false when no more fit. When there are many, those unused for 90 days make room, and when it is full those that nobody has ever allowed anything.</summary>
    public Task<bool> AddAsync(OAuthClient client, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session =>
            {
                var count = Count(session);
                if (count >= MakeRoomFrom)
                {
                    count -= session.Execute("DELETE FROM clients WHERE last_used_ms < $1", (client.CreatedAt - s_unused).ToUnixTimeMilliseconds());
                }

                if (count >= Max)
                {
                    // Anybody may register and none has to say who they are, so one who fills the table must not keep the next ones out.
                    count -= session.Execute(
                        """
                        DELETE FROM clients WHERE id IN (
                            SELECT id FROM clients
                            WHERE created_ms < $1
                                AND id NOT IN (SELECT client_id FROM tokens WHERE client_id IS NOT NULL)
                                AND id NOT IN (SELECT client_id FROM grants WHERE client_id IS NOT NULL AND user_id IS NOT NULL)
                            ORDER BY created_ms LIMIT $2)
                        """,
                        (client.CreatedAt - s_settling).ToUnixTimeMilliseconds(),
                        Evicted);
                }

                return count < Max && session.Execute(
                    "INSERT INTO clients (id, name, redirect_uris, uri, created_ms, last_used_ms) VALUES ($1, $2, $3, $4, $5, $5)",
                    client.Id,
                    client.Name,
                    JsonSerializer.Serialize(client.RedirectUris, AccessJson.Default.IReadOnlyListString),
                    client.Uri,
                    client.CreatedAt.ToUnixTimeMilliseconds()) > 0;
            },
            cancellationToken);

    /// <summary>The client of an id and when it was last used, to the hour; null when there is none.</summary>
    public Task<StoredClientState?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First("SELECT id, name, redirect_uris, uri, created_ms, last_used_ms FROM clients WHERE id = $1", Map, id), cancellationToken);

    /// <summary>Notes a use.</summary>
    public Task TouchAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(session => session.Execute("UPDATE clients SET last_used_ms = max(last_used_ms, $2) WHERE id = $1", id, now.ToUnixTimeMilliseconds()), cancellationToken);

    private static int Count(WriteSession session)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM clients";
        using var row = command.ExecuteReader();
        return row.Read() ? row.GetInt32(0) : 0;
    }

    private static StoredClientState Map(SqliteDataReader row) => new(
        new OAuthClient(
            row.GetString(0),
            row.GetString(1),
            JsonSerializer.Deserialize(row.GetString(2), AccessJson.Default.IReadOnlyListString) ?? [],
            row.IsDBNull(3) ? null : row.GetString(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4))),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)));
}

/// <summary>A client as it stands on disk.</summary>
internal sealed record StoredClientState(OAuthClient Client, DateTimeOffset LastUsedAt);
