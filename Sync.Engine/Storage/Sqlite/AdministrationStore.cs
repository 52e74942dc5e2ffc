using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Administration;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Lists for administrators, sorted, searched and cut by the database. Stateless and thread-safe. What a room holds is not read: its size is worked out from a sample of its log.
/// </summary>
internal sealed class AdministrationStore(Database database)
{
    private const string IsLive = "t.revoked_ms IS NULL AND (t.expires_ms IS NULL OR t.expires_ms > $1)";

    private const string UserRows =
        $"""
        SELECT u.name, u.is_admin, u.created_ms,
            max(coalesce((SELECT max(last_used_ms) FROM tokens WHERE user_id = u.id), 0), coalesce((SELECT max(last_used_ms) FROM passkeys WHERE user_id = u.id), 0)) AS seen,
            (SELECT count(*) FROM passkeys WHERE user_id = u.id),
            (SELECT count(*) FROM recovery_codes WHERE user_id = u.id),
            (SELECT count(*) FROM tokens AS t WHERE t.user_id = u.id AND t.kind = 'Session' AND {IsLive}) AS sessions,
            (SELECT count(*) FROM tokens AS t WHERE t.user_id = u.id AND t.kind = 'Token' AND t.room IS NULL AND {IsLive}) AS tokens,
            (SELECT count(*) FROM members WHERE user_id = u.id) AS rooms,
            (SELECT expires_ms FROM passkey_links WHERE user_id = u.id AND expires_ms > $1)
        FROM users AS u WHERE u.name LIKE $2 ESCAPE '\'
        """;

    private const string RoomRows =
        """
        SELECT r.id, r.name, r.join_policy, r.created_ms, r.row,
            (SELECT max(seq) FROM events WHERE room = r.row) AS seq,
            (SELECT at_ms FROM events WHERE room = r.row ORDER BY seq DESC LIMIT 1) AS last,
            (SELECT count(*) FROM members WHERE room = r.row) AS members
        FROM rooms AS r WHERE r.deleted_ms IS NULL AND (r.id LIKE $1 ESCAPE '\' OR r.name LIKE $1 ESCAPE '\')
        """;

    private const string CredentialTables = "tokens AS t LEFT JOIN users AS u ON u.id = coalesce(t.user_id, t.maker) LEFT JOIN rooms AS r ON r.row = t.room";

    private const string IsFound = "($2 = '%%' OR u.name LIKE $2 ESCAPE '\\' OR t.label LIKE $2 ESCAPE '\\' OR r.id LIKE $2 ESCAPE '\\')";

    // The newest events stand for all of them.
    private const int Sample = 100;

    /// <summary>What is counted over the whole server.</summary>
    public Task<StoredFigures> FiguresAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.First(
                $"""
                SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM rooms WHERE deleted_ms IS NULL),
                    (SELECT coalesce(sum((SELECT max(seq) FROM events WHERE room = r.row)), 0) FROM rooms AS r WHERE deleted_ms IS NULL),
                    (SELECT count(*) FROM tokens AS t WHERE t.kind = 'Session' AND {IsLive}), (SELECT count(*) FROM tokens AS t WHERE t.kind = 'Token' AND {IsLive})
                """,
                static row => new StoredFigures(row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetInt32(3), row.GetInt32(4)),
                now.ToUnixTimeMilliseconds())!, // A query of figures has one row.
            cancellationToken);

    /// <summary>Users.</summary>
    public Task<ListPart<AdministeredUser>> UsersAsync(ListRequest<UserSort> request, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader =>
            {
                var order = request.Sort switch
                {
                    UserSort.Created => "u.created_ms",
                    UserSort.LastSeen => "seen",
                    UserSort.Rooms => "rooms",
                    UserSort.Tokens => "tokens",
                    UserSort.Sessions => "sessions",
                    _ => "u.name",
                };
                var like = Like(request.Search);
                return new ListPart<AdministeredUser>(
                    reader.All($"{UserRows} ORDER BY {order} {Direction(request.Descending)}, u.name LIMIT $3 OFFSET $4", MapUser, now.ToUnixTimeMilliseconds(), like, request.Take, request.Skip),
                    reader.First("SELECT count(*) FROM users WHERE name LIKE $1 ESCAPE '\\'", static row => row.GetInt32(0), like));
            },
            cancellationToken);

    /// <summary>Rooms.</summary>
    public Task<ListPart<AdministeredRoom>> RoomsAsync(ListRequest<RoomSort> request, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader =>
            {
                var order = request.Sort switch
                {
                    RoomSort.Created => "r.created_ms",
                    RoomSort.LastEvent => "last",
                    RoomSort.Events => "seq",
                    RoomSort.Members => "members",
                    _ => "r.id",
                };
                var like = Like(request.Search);
                var rows = reader.All($"{RoomRows} ORDER BY {order} {Direction(request.Descending)}, r.id LIMIT $2 OFFSET $3", MapRoom, like, request.Take, request.Skip);
                return new ListPart<AdministeredRoom>(
                    [.. rows.Select(row => Fill(reader, row.Room, row.Row))],
                    reader.First("SELECT count(*) FROM rooms WHERE deleted_ms IS NULL AND (id LIKE $1 ESCAPE '\\' OR name LIKE $1 ESCAPE '\\')", static row => row.GetInt32(0), like));
            },
            cancellationToken);

    /// <summary>Sessions and tokens that live.</summary>
    public Task<ListPart<AdministeredCredential>> CredentialsAsync(ListRequest<CredentialSort> request, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader =>
            {
                var order = request.Sort switch
                {
                    CredentialSort.Created => "t.created_ms",
                    CredentialSort.Expires => "t.expires_ms",
                    CredentialSort.User => "u.name",
                    CredentialSort.Label => "t.label",
                    _ => "t.last_used_ms",
                };
                var (nowMs, like) = (now.ToUnixTimeMilliseconds(), Like(request.Search));
                var rows = reader.All(
                    $"""
                    SELECT t.id, t.kind, u.name, t.label, r.id, t.client_id, t.scope, t.created_ms, t.last_used_ms, t.expires_ms
                    FROM {CredentialTables} WHERE {IsLive} AND {IsFound}
                    ORDER BY {order} IS NULL, {order} {Direction(request.Descending)}, t.id LIMIT $3 OFFSET $4
                    """,
                    MapCredential,
                    nowMs,
                    like,
                    request.Take,
                    request.Skip);
                return new ListPart<AdministeredCredential>(
                    rows,
                    reader.First($"SELECT count(*) FROM {CredentialTables} WHERE {IsLive} AND {IsFound}", static row => row.GetInt32(0), nowMs, like));
            },
            cancellationToken);

    private static AdministeredRoom Fill(Reader reader, AdministeredRoom room, long row)
    {
        var average = reader.First($"SELECT coalesce(avg(length(body)), 0) FROM (SELECT body FROM events WHERE room = $1 ORDER BY seq DESC LIMIT {Sample})", static r => r.GetDouble(0), row);
        return room with
        {
            Owners = reader.All("SELECT u.name FROM members AS m JOIN users AS u ON u.id = m.user_id WHERE m.room = $1 AND m.role = 'Owner' ORDER BY u.name", static r => r.GetString(0), row),
            Agents = reader.First("SELECT count(*) FROM presence WHERE room = $1", static r => r.GetInt32(0), row),
            Bytes = (long)(average * room.Events) + reader.First("SELECT coalesce(sum(length(body)), 0) FROM snapshots WHERE room = $1", static r => r.GetInt64(0), row),
        };
    }

    private static AdministeredUser MapUser(SqliteDataReader row) => new()
    {
        Name = row.GetString(0),
        IsAdmin = row.GetBoolean(1),
        CreatedAt = At(row, 2)!.Value, // Every user has one.
        LastSeenAt = row.GetInt64(3) == 0 ? null : At(row, 3),
        Passkeys = row.GetInt32(4),
        RecoveryCodes = row.GetInt32(5),
        Sessions = row.GetInt32(6),
        Tokens = row.GetInt32(7),
        Rooms = row.GetInt32(8),
        PasskeyLinkUntil = At(row, 9),
    };

    private static (AdministeredRoom Room, long Row) MapRoom(SqliteDataReader row) =>
    (
        new AdministeredRoom
        {
            Id = row.GetString(0),
            Name = Text(row, 1),
            Join = Enum.Parse<JoinPolicy>(row.GetString(2)),
            CreatedAt = At(row, 3)!.Value, // Every room has one.
            Owners = [],
            Members = row.GetInt32(7),
            Agents = 0,
            Events = row.IsDBNull(5) ? 0 : row.GetInt64(5),
            Bytes = 0,
            LastEventAt = At(row, 6),
        },
        row.GetInt64(4)
    );

    private static AdministeredCredential MapCredential(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        IsSession = row.GetString(1) == "Session",
        User = Text(row, 2),
        Label = Text(row, 3),
        Room = Text(row, 4),
        ClientId = Text(row, 5),
        Scope = row.GetString(6),
        CreatedAt = At(row, 7)!.Value, // Every token has one.
        LastUsedAt = At(row, 8),
        ExpiresAt = At(row, 9),
    };

    private static string? Text(SqliteDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);

    private static DateTimeOffset? At(SqliteDataReader row, int at) => row.IsDBNull(at) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(at));

    private static string Direction(bool descending) => descending ? "DESC" : "ASC";

    private static string Like(string? search) =>
        $"%{(search ?? "").Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}
