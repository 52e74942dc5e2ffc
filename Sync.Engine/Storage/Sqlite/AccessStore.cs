using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Users and tokens on disk. Stateless and thread-safe; the rules and the cache are <c>IdentityCache</c>'s. No secret ever
/// gets here, only its SHA-256.
/// </summary>
internal sealed partial class AccessStore(Database database)
{
    private const string TokenColumns =
        "t.id, t.hash, t.scope, t.room, t.label, t.created_ms, t.expires_ms, t.revoked_ms, t.last_used_ms, t.agents, u.id, u.name, u.created_ms, u.is_admin, t.kind, t.client_id, t.access_s, t.parent, t.sees_private, t.maker, t.joined_by";

    private const char AdmittedMark = '+';

    private const string TokenTables = "tokens AS t LEFT JOIN users AS u ON u.id = t.user_id";

    /// <summary>All users.</summary>
    public Task<IReadOnlyList<UserRecord>> LoadUsersAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<UserRecord>>(
            static reader => reader.All("SELECT id, name, created_ms, is_admin FROM users ORDER BY created_ms, name", static row => MapUser(row, 0)),
            cancellationToken);

    /// <summary>Users that were added after a place in the order of adding, each with its own place. A look at the end of the table where there are none: users are never removed.</summary>
    public Task<IReadOnlyList<(UserRecord User, long Place)>> UsersAfterAsync(long place, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<(UserRecord User, long Place)>>(
            reader => reader.All("SELECT id, name, created_ms, is_admin, rowid FROM users WHERE rowid > $1 ORDER BY rowid", static row => (MapUser(row, 0), row.GetInt64(4)), place),
            cancellationToken);

    /// <summary>All tokens that are neither revoked nor expired at that moment.</summary>
    public Task<IReadOnlyList<StoredTokenState>> LoadLiveTokensAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredTokenState>>(
            reader => reader.All(
                $"SELECT {TokenColumns} FROM {TokenTables} WHERE t.revoked_ms IS NULL AND (t.expires_ms IS NULL OR t.expires_ms > $1)",
                MapToken,
                now.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>The token of a hash, dead or alive; null when there is none.</summary>
    public Task<StoredTokenState?> FindTokenByHashAsync(byte[] hash, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First($"SELECT {TokenColumns} FROM {TokenTables} WHERE t.hash = $1", MapToken, hash), cancellationToken);

    /// <summary>The token of an id, dead or alive; null when there is none.</summary>
    public Task<StoredTokenState?> FindTokenAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First($"SELECT {TokenColumns} FROM {TokenTables} WHERE t.id = $1", MapToken, id), cancellationToken);

    /// <summary>A user's tokens, dead ones included, newest first.</summary>
    public Task<IReadOnlyList<StoredTokenState>> TokensOfAsync(string userId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredTokenState>>(
            reader => reader.All($"SELECT {TokenColumns} FROM {TokenTables} WHERE t.user_id = $1 AND t.room IS NULL ORDER BY t.created_ms DESC, t.id", MapToken, userId),
            cancellationToken);

    /// <summary>The user of that name, compared without case; null when there is none.</summary>
    public Task<UserRecord?> FindUserByNameAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First("SELECT id, name, created_ms, is_admin FROM users WHERE name = $1", static row => MapUser(row, 0), name), cancellationToken);

    /// <summary>Makes a user an administrator, or no longer one; false when there is none of that name.</summary>
    public Task<bool> SetAdminAsync(string name, bool isAdmin, CancellationToken cancellationToken) =>
        database.ExecuteAsync(work => work.Execute("UPDATE users SET is_admin = $1 WHERE name = $2", isAdmin, name) > 0, cancellationToken);

    /// <summary>Users with the number of their live tokens and of the rooms they have a role in.</summary>
    public Task<IReadOnlyList<UserSummary>> SummariseUsersAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<UserSummary>>(
            reader => reader.All(
                """
                SELECT id, name, created_ms,
                    (SELECT count(*) FROM tokens WHERE user_id = users.id AND room IS NULL AND kind = 'Token' AND revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > $1)),
                    (SELECT count(*) FROM members WHERE user_id = users.id), is_admin
                FROM users ORDER BY created_ms, name
                """,
                static row => new UserSummary(row.GetString(0), row.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)), row.GetInt32(3), row.GetInt32(4), row.GetBoolean(5)),
                now.ToUnixTimeMilliseconds()),
            cancellationToken);

    /// <summary>The user of that name, made from <paramref name="candidate"/> when there is none, and whether it was made.</summary>
    public Task<(UserRecord User, bool Added)> GetOrAddUserAsync(UserRecord candidate, CancellationToken cancellationToken) =>
        database.ExecuteAsync(session => GetOrAddUser(session, candidate), cancellationToken);

    /// <summary>Stores a user's token, with the user when there is none of that name. Answers the user as stored.</summary>
    public Task<UserRecord> AddTokenAsync(TokenRecord token, UserRecord owner, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session =>
            {
                var (user, _) = GetOrAddUser(session, owner);
                Insert(session, token, user.Id);
                return user;
            },
            cancellationToken);

    /// <summary>
    /// Stores one of a room's own tokens. Of those with the same scope that its user, or nobody, has made, the ones that were idle longest are removed beyond
    /// <paramref name="max"/>; what they minted goes on under what minted them. Answers the ids of the removed ones; null when the parent is dead by now.
    /// </summary>
    public Task<IReadOnlyList<string>?> AddRoomTokenAsync(TokenRecord token, int max, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync<IReadOnlyList<string>?>(
            session =>
            {
                if (!MayHaveChildren(session, token.Parent, now))
                {
                    return null;
                }

                var tooMany = session.All(
                    "SELECT id FROM tokens WHERE room = $1 AND scope = $2 AND revoked_ms IS NULL ORDER BY coalesce(last_used_ms, created_ms) DESC LIMIT -1 OFFSET $3",
                    static row => row.GetString(0),
                    token.RoomRow,
                    token.Scope.Text,
                    max - 1);
                foreach (var id in tooMany)
                {
                    // Room is made for others: it ends nothing that goes on being used.
                    session.Execute("UPDATE tokens SET parent = (SELECT parent FROM tokens WHERE id = $1) WHERE parent = $1", id);
                    session.Execute("DELETE FROM tokens WHERE id = $1", id);
                }

                Insert(session, token, token.OnBehalfOf);
                return tooMany;
            },
            cancellationToken);

    /// <summary>Stores what may change about a token: scope, label, expiry, agents, parent. Revocation is <see cref="RevokeAsync"/>.</summary>
    public Task UpdateTokenAsync(TokenRecord token, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session => session.Execute(
                "UPDATE tokens SET scope = $2, label = $3, expires_ms = $4, agents = $5, parent = $6 WHERE id = $1",
                token.Id,
                token.Scope.Text,
                token.Label,
                token.ExpiresAt?.ToUnixTimeMilliseconds(),
                WriteAgents(token),
                token.Parent),
            cancellationToken);

    /// <summary>Removes a token with every trace.</summary>
    public Task RemoveTokenAsync(string id, CancellationToken cancellationToken) =>
        database.ExecuteAsync(session => session.Execute("DELETE FROM tokens WHERE id = $1", id), cancellationToken);

    /// <summary>Marks tokens as revoked with everything that they minted, the first time counts, and removes what refreshes them. Answers the ids of all.</summary>
    public Task<IReadOnlyList<string>> RevokeAsync(IReadOnlyCollection<string> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(session => Revoke(session, ids, now), cancellationToken);

    /// <summary>Stores when tokens were last used.</summary>
    public Task SaveLastUsedAsync(IReadOnlyCollection<(string Id, long LastUsedMs)> batch, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            session =>
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText = "UPDATE tokens SET last_used_ms = max($2, coalesce(last_used_ms, 0)) WHERE id = $1";
                var id = command.Parameters.Add(new SqliteParameter { ParameterName = "$1" });
                var lastUsed = command.Parameters.Add(new SqliteParameter { ParameterName = "$2" });
                foreach (var use in batch)
                {
                    id.Value = use.Id;
                    lastUsed.Value = use.LastUsedMs;
                    command.ExecuteNonQuery();
                }

                return batch.Count;
            },
            cancellationToken);

    private static (UserRecord User, bool Added) GetOrAddUser(WriteSession session, UserRecord candidate)
    {
        var added = session.Execute(
            "INSERT INTO users (id, name, created_ms, is_admin) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
            candidate.Id,
            candidate.Name,
            candidate.CreatedAt.ToUnixTimeMilliseconds(),
            candidate.IsAdmin) > 0;
        using var command = session.Connection.CreateCommand();
        command.CommandText = "SELECT id, name, created_ms, is_admin FROM users WHERE name = $1";
        command.Parameters.AddWithValue("$1", candidate.Name);
        using var row = command.ExecuteReader();
        return row.Read() ? (MapUser(row, 0), added) : throw new InvalidDataException("A user just stored is not there.");
    }

    public static void Insert(WriteSession session, TokenRecord token, string? userId) =>
        session.Execute(
            "INSERT INTO tokens (id, hash, scope, user_id, room, label, created_ms, expires_ms, agents, kind, client_id, access_s, parent, sees_private, maker, joined_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            token.Id,
            token.Hash.ToArray(),
            token.Scope.Text,
            userId,
            token.RoomRow,
            token.Label,
            token.CreatedAt.ToUnixTimeMilliseconds(),
            token.ExpiresAt?.ToUnixTimeMilliseconds(),
            WriteAgents(token),
            token.Kind.ToString(),
            token.ClientId,
            (long?)token.AccessLife?.TotalSeconds,
            token.Parent,
            token.SeesPrivate,
            token.Maker,
            token.JoinedBy);

    public static UserRecord MapUser(SqliteDataReader row, int at) =>
        new(row.GetString(at), row.GetString(at + 1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(at + 2))) { IsAdmin = row.GetBoolean(at + 3) };

    private static StoredTokenState MapToken(SqliteDataReader row)
    {
        var token = new TokenRecord
        {
            Id = row.GetString(0),
            Hash = ImmutableArray.Create(row.GetFieldValue<byte[]>(1)),

            // A scope that this version cannot read grants nothing.
            Scope = ScopeParser.ParseStored(row.GetString(2)).Try(out var scope, out _) ? scope : Scope.Nothing,
            RoomRow = row.IsDBNull(3) ? null : row.GetInt64(3),
            Label = row.IsDBNull(4) ? null : row.GetString(4),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            ExpiresAt = row.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
            Revoked = !row.IsDBNull(7),
            User = row.IsDBNull(10) || !row.IsDBNull(3) ? null : MapUser(row, 10),
            OnBehalfOf = row.IsDBNull(10) || row.IsDBNull(3) ? null : row.GetString(10),
            Kind = Enum.Parse<CredentialKind>(row.GetString(14)),
            ClientId = row.IsDBNull(15) ? null : row.GetString(15),
            AccessLife = row.IsDBNull(16) ? null : TimeSpan.FromSeconds(row.GetInt64(16)),
            Parent = row.IsDBNull(17) ? null : row.GetString(17),
            SeesPrivate = row.GetBoolean(18),
            Maker = row.IsDBNull(19) ? null : row.GetString(19),
            JoinedBy = row.IsDBNull(20) ? null : row.GetString(20),
        };
        return new StoredTokenState(row.IsDBNull(9) ? token : WithAgents(token, row.GetString(9)), row.IsDBNull(8) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)));
    }

    // Agents by room id, and among them the rows of rooms that have let the token in, with a mark that no id begins with.
    private static TokenRecord WithAgents(TokenRecord token, string json)
    {
        var stored = JsonSerializer.Deserialize(json, AccessJson.Default.ImmutableDictionaryStringString) ?? [];
        return token with
        {
            Agents = stored.Where(static pair => pair.Key[0] != AdmittedMark).ToImmutableDictionary(static pair => pair.Key, static pair => AgentBinding.Parse(pair.Value), StringComparer.Ordinal),
            Admitted = [.. stored.Keys.Where(static key => key[0] == AdmittedMark).Select(static key => long.Parse(key.AsSpan(1), CultureInfo.InvariantCulture))],
        };
    }

    private static string? WriteAgents(TokenRecord token) =>
        token.Agents.IsEmpty && token.Admitted.IsEmpty
            ? null
            : JsonSerializer.Serialize(
                token.Agents.Select(static pair => KeyValuePair.Create(pair.Key, pair.Value.ToString()))
                    .Concat(token.Admitted.Select(static row => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"{AdmittedMark}{row}"), "")))
                    .ToImmutableDictionary(StringComparer.Ordinal),
                AccessJson.Default.ImmutableDictionaryStringString);
}

/// <summary>A token as it stands on disk.</summary>
internal sealed record StoredTokenState(TokenRecord Token, DateTimeOffset? LastUsedAt);
