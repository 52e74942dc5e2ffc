using Microsoft.Data.Sqlite;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Storage.Sqlite;

/// <content>Passkeys and recovery codes.</content>
internal sealed partial class UserStore
{
    private const int MaxPasskeys = 20;

    private const string PasskeyColumns = "credential_id, name, data, created_ms, last_used_ms";

    /// <summary>Whether anybody at all has a passkey.</summary>
    public Task<bool> AnyPasskeyAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(static reader => reader.First("SELECT 1 FROM passkeys LIMIT 1", static _ => true), cancellationToken);

    /// <inheritdoc cref="AnyPasskeyAsync"/>
    public static bool AnyPasskey(WriteSession work) => work.First("SELECT 1 FROM passkeys LIMIT 1", static _ => true);

    /// <summary>The user who holds a passkey; null when nobody does.</summary>
    public Task<UserRecord?> FindByPasskeyAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader => reader.First(
                "SELECT u.id, u.name, u.created_ms, u.is_admin FROM passkeys AS p JOIN users AS u ON u.id = p.user_id WHERE p.credential_id = $1",
                static row => AccessStore.MapUser(row, 0),
                credentialId),
            cancellationToken);

    /// <summary>A user's passkeys, oldest first.</summary>
    public Task<IReadOnlyList<PasskeyRecord>> PasskeysAsync(string userId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<PasskeyRecord>>(
            reader => reader.All($"SELECT {PasskeyColumns} FROM passkeys WHERE user_id = $1 ORDER BY created_ms, credential_id", MapPasskey, userId),
            cancellationToken);

    /// <summary>Adds a passkey.</summary>
    public Task<Outcome<PasskeyRecord>> AddPasskeyAsync(string userId, PasskeyRecord passkey, CancellationToken cancellationToken) =>
        database.ExecuteAsync<Outcome<PasskeyRecord>>(
            work =>
            {
                if (work.Count("SELECT count(*) FROM users WHERE id = $1", userId) == 0)
                {
                    return UserErrors.UnknownUser;
                }

                var id = passkey.CredentialId.ToArray();
                if (CheckNewPasskey(work, userId, id) is { } refusal)
                {
                    return refusal;
                }

                InsertPasskey(work, userId, passkey);
                return Passkey(work, userId, id)!;
            },
            cancellationToken);

    /// <summary>Notes a use of a passkey that is as it was verified.</summary>
    public Task<Outcome<PasskeyRecord>> UsePasskeyAsync(string userId, PasskeyRecord verified, string data, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync<Outcome<PasskeyRecord>>(
            work =>
            {
                var id = verified.CredentialId.ToArray();
                if (Passkey(work, userId, id) is not { } kept)
                {
                    return UserErrors.PasskeyNotFound;
                }

                if (!string.Equals(kept.Data, verified.Data, StringComparison.Ordinal))
                {
                    return UserErrors.PasskeyUsedMeanwhile;
                }

                work.Execute("UPDATE passkeys SET data = $2, last_used_ms = $3 WHERE credential_id = $1", id, data, now.ToUnixTimeMilliseconds());
                return Passkey(work, userId, id)!;
            },
            cancellationToken);

    /// <summary>Renames a passkey.</summary>
    public Task<Outcome<PasskeyRecord>> RenamePasskeyAsync(string userId, byte[] credentialId, string name, CancellationToken cancellationToken) =>
        database.ExecuteAsync<Outcome<PasskeyRecord>>(
            work => work.Execute("UPDATE passkeys SET name = $3 WHERE credential_id = $1 AND user_id = $2", credentialId, userId, name) > 0
                ? Passkey(work, userId, credentialId)!
                : UserErrors.PasskeyNotFound,
            cancellationToken);

    /// <summary>Removes a passkey unless it is the user's last.</summary>
    public Task<Outcome<PasskeyRecord>> RemovePasskeyAsync(string userId, byte[] credentialId, CancellationToken cancellationToken) =>
        database.ExecuteAsync<Outcome<PasskeyRecord>>(
            work =>
            {
                if (Passkey(work, userId, credentialId) is not { } passkey)
                {
                    return UserErrors.PasskeyNotFound;
                }

                if (CountPasskeys(work, userId) == 1)
                {
                    return UserErrors.LastPasskey;
                }

                work.Execute("DELETE FROM passkeys WHERE credential_id = $1", credentialId);
                return passkey;
            },
            cancellationToken);

    /// <summary>Puts new recovery codes in the place of all old ones.</summary>
    public Task ReplaceRecoveryCodesAsync(string userId, IReadOnlyList<byte[]> hashes, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            work =>
            {
                work.Execute("DELETE FROM recovery_codes WHERE user_id = $1", userId);
                foreach (var hash in hashes)
                {
                    work.Execute("INSERT INTO recovery_codes (hash, user_id, created_ms) VALUES ($1, $2, $3)", hash, userId, now.ToUnixTimeMilliseconds());
                }

                return hashes.Count;
            },
            cancellationToken);

    /// <summary>How many recovery codes a user has left.</summary>
    public Task<int> RecoveryCodesLeftAsync(string userId, CancellationToken cancellationToken) =>
        database.ReadAsync(reader => reader.First("SELECT count(*) FROM recovery_codes WHERE user_id = $1", static row => row.GetInt32(0), userId), cancellationToken);

    /// <summary>The user of that name if this is one of their codes. Looks for the code also when there is no such user.</summary>
    public Task<UserRecord?> FindRecoveryAsync(string userName, string code, CancellationToken cancellationToken) =>
        database.ReadAsync(
            reader =>
            {
                var user = reader.First(UserByName, static row => AccessStore.MapUser(row, 0), userName);
                return reader.First(LiveCode, static _ => true, RecoveryCode.Hash(user?.Id ?? "", code), user?.Id) ? user : null;
            },
            cancellationToken);

    /// <summary>Uses up a recovery code, adds the passkey, removes the user's sessions and what they have approved that was not fetched yet: all or nothing.</summary>
    public Task<Outcome<UserRecord>> RecoverAsync(string userName, string code, PasskeyRecord passkey, CancellationToken cancellationToken) =>
        database.ExecuteAsync<Outcome<UserRecord>>(
            work =>
            {
                var user = work.First(UserByName, static row => AccessStore.MapUser(row, 0), userName);
                var hash = RecoveryCode.Hash(user?.Id ?? "", code);
                if (!work.First(LiveCode, static _ => true, hash, user?.Id) || user is null)
                {
                    return UserErrors.WrongRecovery;
                }

                if (CheckNewPasskey(work, user.Id, passkey.CredentialId.ToArray()) is { } refusal)
                {
                    return refusal;
                }

                work.Execute("DELETE FROM recovery_codes WHERE hash = $1", hash);
                LetBackIn(work, user, passkey);
                return user;
            },
            cancellationToken);

    /// <summary>Uses up a link for a new passkey, and does what <see cref="RecoverAsync"/> does with a code: all or nothing.</summary>
    public Task<Outcome<UserRecord>> RecoverByLinkAsync(byte[] hash, PasskeyRecord passkey, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync<Outcome<UserRecord>>(
            work =>
            {
                if (PasskeyLinkStore.Find(work, hash, now) is not { } user)
                {
                    return UserErrors.PasskeyLinkGone;
                }

                if (CheckNewPasskey(work, user.Id, passkey.CredentialId.ToArray()) is { } refusal)
                {
                    return refusal;
                }

                PasskeyLinkStore.Remove(work, user.Id);
                LetBackIn(work, user, passkey);
                return user;
            },
            cancellationToken);

    // Whoever was in with what the user has lost is out with it.
    private static void LetBackIn(WriteSession work, UserRecord user, PasskeyRecord passkey)
    {
        InsertPasskey(work, user.Id, passkey);
        work.Execute("DELETE FROM tokens WHERE user_id = $1 AND kind = 'Session'", user.Id);

        // What a stranger's session has approved and no client has fetched yet stands in no list of tokens.
        work.Execute("DELETE FROM grants WHERE user_id = $1 AND state = 'Approved'", user.Id);
    }

    private const string UserByName = "SELECT id, name, created_ms, is_admin FROM users WHERE name = $1";

    private const string LiveCode = "SELECT 1 FROM recovery_codes WHERE hash = $1 AND user_id = $2";

    private static SyncError? CheckNewPasskey(WriteSession work, string userId, byte[] credentialId) =>
        work.Count("SELECT count(*) FROM passkeys WHERE credential_id = $1", credentialId) > 0 ? UserErrors.PasskeyTaken
        : CountPasskeys(work, userId) >= MaxPasskeys ? UserErrors.TooManyPasskeys(MaxPasskeys)
        : null;

    private static long CountPasskeys(WriteSession work, string userId) => work.Count("SELECT count(*) FROM passkeys WHERE user_id = $1", userId);

    private static void InsertPasskey(WriteSession work, string userId, PasskeyRecord passkey) =>
        work.Execute(
            "INSERT INTO passkeys (credential_id, user_id, name, data, created_ms, last_used_ms) VALUES ($1, $2, $3, $4, $5, $6)",
            passkey.CredentialId.ToArray(),
            userId,
            passkey.Name,
            passkey.Data,
            passkey.CreatedAt.ToUnixTimeMilliseconds(),
            passkey.LastUsedAt?.ToUnixTimeMilliseconds());

    private static PasskeyRecord? Passkey(WriteSession work, string userId, byte[] credentialId) =>
        work.First($"SELECT {PasskeyColumns} FROM passkeys WHERE credential_id = $1 AND user_id = $2", MapPasskey, credentialId, userId);

    private static PasskeyRecord MapPasskey(SqliteDataReader row) => new()
    {
        CredentialId = row.GetFieldValue<byte[]>(0),
        Name = row.GetString(1),
        Data = row.GetString(2),
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        LastUsedAt = row.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
    };
}
