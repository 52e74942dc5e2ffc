using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Users;

/// <summary>
/// People: registration, passkeys, recovery, signed-in browsers. What a passkey is and how it is verified is the web's matter; here stands who may have one,
/// and that the last one stays.
/// </summary>
public sealed partial class UserService
{
    private readonly IdentityCache _access;
    private readonly Memberships _memberships;
    private readonly UserStore _users;
    private readonly InvitationStore _invitations;
    private readonly PasskeyLinkStore _links;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;

    // Null once somebody has a passkey, which then stays so: the last one cannot be removed.
    private volatile string? _setup;

    internal UserService(IdentityCache access, Memberships memberships, Database database, EngineOptions options, TimeProvider time, bool needsSetup)
    {
        _access = access;
        _memberships = memberships;
        _users = database.Users;
        _invitations = database.Invitations;
        _links = database.PasskeyLinks;
        _options = options;
        _time = time;
        _setup = needsSetup ? Secret.New(SetupPrefix) : null;
    }

    /// <summary>
    /// The secret of the one-time setup link while no user has a passkey; null afterwards. Made anew at each start, held in memory only.
    /// </summary>
    public string? SetupSecret => _setup;

    /// <summary>Whether this is the secret of the setup link, while there is one. Compared in fixed time.</summary>
    public bool IsSetupSecret(string? shown) => _setup is { } secret && !string.IsNullOrEmpty(shown) && IsSame(secret, shown);

    /// <summary>
    /// The rooms that whoever opens the setup link can take over, by id: those of the users that tokens were minted for before there was anybody. Nothing without the secret.
    /// </summary>
    public async Task<IReadOnlyList<string>> RoomsToAdoptAsync(string? setup, CancellationToken cancellationToken) =>
        IsSetupSecret(setup) ? await _users.RoomsToAdoptAsync(cancellationToken).ConfigureAwait(false) : [];

    /// <summary>An id for a user about to be registered: it goes into the passkey as its user handle (WebAuthn §5.4.3).</summary>
    public string NewUserId() => Secret.NewId("u_");

    /// <summary>
    /// Whether somebody with this proof may register under this name: asked before the browser makes a passkey. With the setup secret
    /// the name may be that of a user without a passkey (one the operator has minted a token for), who is then the one registered.
    /// </summary>
    /// <returns>The id to register: a new one, or that of the user without a passkey.</returns>
    /// <remarks>Errors: <c>registration_closed</c>; <c>invalid_parameter</c> for a bad or taken name, or a proof that is used up or wrong.</remarks>
    public async Task<Outcome<string>> CheckRegistrationAsync(string name, RegistrationProof proof, CancellationToken cancellationToken)
    {
        if (!(await CheckProofAsync(proof, cancellationToken).ConfigureAwait(false)).Try(out var entitled, out var refusal))
        {
            return refusal;
        }

        if (!UserName.IsValid(name))
        {
            return AccessErrors.InvalidUserName(name);
        }

        // Before setup nobody has a passkey, so whoever is known may be the one registered.
        return await _access.Users.FindByNameAsync(name, cancellationToken).ConfigureAwait(false) is not { } known ? NewUserId()
            : entitled.BySetup ? known.Id
            : AccessErrors.UserExists(name);
    }

    /// <summary>
    /// Registers a user with a first passkey, whole or not at all, and uses up the proof; the first one becomes the server's administrator. An invitation into a
    /// room gives the role with it.
    /// </summary>
    /// <remarks>Errors: as <see cref="CheckRegistrationAsync"/>, which holds again at this moment.</remarks>
    public async Task<Outcome<UserInfo>> RegisterAsync(string userId, string name, RegistrationProof proof, PasskeyRecord passkey, CancellationToken cancellationToken)
    {
        if (!(await CheckProofAsync(proof, cancellationToken).ConfigureAwait(false)).Try(out var entitled, out var refusal))
        {
            return refusal;
        }

        if (!UserName.IsValid(name))
        {
            return AccessErrors.InvalidUserName(name);
        }

        if ((IsUserId(userId) ? CheckPasskey(passkey) : UserErrors.InvalidUserId) is { } invalid)
        {
            return invalid;
        }

        var now = _time.UtcNowToMillisecond();
        var registering = new Registering(new UserRecord(userId, name, now), passkey, entitled.BySetup, entitled.Invitation, now) { AdoptsRooms = proof.AdoptsRooms };

        // An invitation may change a room's members.
        using var turn = await _memberships.TurnAsync(cancellationToken).ConfigureAwait(false);
        var outcome = await _memberships.WriteNeedsTurnAsync(work => UserStore.Register(work, registering), cancellationToken).ConfigureAwait(false);
        if (!outcome.Try(out var user, out var error))
        {
            return error;
        }

        _setup = null;
        _access.Users.Replace(user);
        return Info(user);
    }

    /// <summary>The user with this id, or null.</summary>
    public UserInfo? Find(string userId) => _access.Users.UserById(userId) is { } user ? Info(user) : null;

    /// <summary>The user of this name, compared without case; null when there is none.</summary>
    public async Task<UserInfo?> FindByNameAsync(string name, CancellationToken cancellationToken) =>
        await _access.Users.FindByNameAsync(name, cancellationToken).ConfigureAwait(false) is { } user ? Info(user) : null;

    /// <summary>The user who holds this passkey, or null.</summary>
    public async Task<UserInfo?> FindByPasskeyAsync(ReadOnlyMemory<byte> credentialId, CancellationToken cancellationToken) =>
        await _users.FindByPasskeyAsync(credentialId.ToArray(), cancellationToken).ConfigureAwait(false) is { } user ? Info(_access.Users.Adopt(user)) : null;

    /// <summary>A user's passkeys, oldest first.</summary>
    public Task<IReadOnlyList<PasskeyRecord>> PasskeysAsync(string userId, CancellationToken cancellationToken) => _users.PasskeysAsync(userId, cancellationToken);

    /// <summary>
    /// Notes a use of a passkey: its counter has moved. Only of one that is still there, with the data that was verified: a passkey removed while somebody signs
    /// in with it stays removed, and of two who sign in with copies of one key at once one is refused.
    /// </summary>
    /// <param name="userId">Whose.</param>
    /// <param name="verified">The passkey as it was when it was verified.</param>
    /// <param name="data">What is kept of it from now on.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>not_found</c>; <c>invalid_parameter</c> when it was used meanwhile, or for data out of bounds.</remarks>
    public async Task<Outcome<PasskeyRecord>> UsePasskeyAsync(string userId, PasskeyRecord verified, string data, CancellationToken cancellationToken) =>
        CheckPasskey(verified with { Data = data }) is { } invalid
            ? invalid
            : await _users.UsePasskeyAsync(userId, verified, data, _time.UtcNowToMillisecond(), cancellationToken).ConfigureAwait(false);

    /// <summary>How many recovery codes are left.</summary>
    public Task<int> RecoveryCodesLeftAsync(string userId, CancellationToken cancellationToken) => _users.RecoveryCodesLeftAsync(userId, cancellationToken);

    /// <summary>Whether this is a live recovery code of this user; it is not used up. The same refusal whether user or code is wrong.</summary>
    /// <returns>The user's id.</returns>
    /// <remarks>Errors: <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<UserInfo>> CheckRecoveryAsync(string userName, string code, CancellationToken cancellationToken) =>
        await _users.FindRecoveryAsync(userName, code, cancellationToken).ConfigureAwait(false) is { } user ? Info(_access.Users.Adopt(user)) : UserErrors.WrongRecovery;

    /// <summary>Uses up a recovery code and adds the passkey, both or neither. All signed-in browsers of the user are signed out, and what was approved in them and not fetched yet is void.</summary>
    /// <remarks>Errors: as <see cref="CheckRecoveryAsync"/>, and as <see cref="AddPasskeyAsync"/> for the passkey.</remarks>
    public async Task<Outcome<UserInfo>> RecoverAsync(string userName, string code, PasskeyRecord passkey, CancellationToken cancellationToken)
    {
        if (CheckPasskey(passkey) is { } invalid)
        {
            return invalid;
        }

        return await LetInAsync(await _users.RecoverAsync(userName, code, passkey, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>Whose new passkey a link is for; it is not used up. The secret is the proof, so there is no caller.</summary>
    /// <remarks>Errors: <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<UserInfo>> CheckPasskeyLinkAsync(string? secret, CancellationToken cancellationToken) =>
        PasskeyLinks.Hash(secret) is { } hash && await _links.FindAsync(hash, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) is { } user
            ? Info(_access.Users.Adopt(user))
            : UserErrors.PasskeyLinkGone;

    /// <summary>Uses up a link for a new passkey and adds the passkey, as <see cref="RecoverAsync"/> does with a code.</summary>
    /// <remarks>Errors: as <see cref="CheckPasskeyLinkAsync"/>, and as <see cref="AddPasskeyAsync"/> for the passkey.</remarks>
    public async Task<Outcome<UserInfo>> RecoverByLinkAsync(string? secret, PasskeyRecord passkey, CancellationToken cancellationToken) =>
        CheckPasskey(passkey) is { } invalid ? invalid
        : PasskeyLinks.Hash(secret) is not { } hash ? UserErrors.PasskeyLinkGone
        : await LetInAsync(await _users.RecoverByLinkAsync(hash, passkey, _time.UtcNowToMillisecond(), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>
    /// Starts a session: a signed-in browser. It is a token of another kind, so that it is listed, expires and is revoked like one, but its id travels in the
    /// protected cookie and no secret exists. It may do whatever its user may.
    /// </summary>
    /// <param name="userId">Whose.</param>
    /// <param name="label">What the browser calls itself, for the list.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    public async Task<SessionInfo> StartSessionAsync(string userId, string label, CancellationToken cancellationToken)
    {
        var user = _access.Users.UserById(userId) ?? throw new ArgumentException("There is no such user.", nameof(userId));
        return Info(await _access.Sessions.StartAsync(user, label, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The caller of a session; <c>invalid_token</c> when it has ended. Synchronous and cheap: asked at every request.</summary>
    public Outcome<Caller> OfSession(string sessionId) => _access.Sessions.CallerOf(sessionId);

    /// <summary>A user's live sessions, newest first.</summary>
    public Task<IReadOnlyList<SessionInfo>> SessionsAsync(string userId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<SessionInfo>>(
            [.. _access.Sessions.Of(userId).Select(Info).OrderByDescending(static session => session.CreatedAt).ThenBy(static session => session.Id, StringComparer.Ordinal)]);
    }

    /// <summary>Ends one session of a user. Pages it holds open end with it.</summary>
    /// <remarks>Errors: <c>not_found</c>.</remarks>
    public async Task<Outcome<string>> EndSessionAsync(string userId, string sessionId, CancellationToken cancellationToken) =>
        await _access.Sessions.EndAsync(userId, id => id == sessionId, cancellationToken).ConfigureAwait(false) > 0
            ? sessionId
            : new SyncError(ErrorCode.NotFound, "You have no such session.") { Hint = "It may have ended already." };

    /// <summary>Ends all sessions of a user, but for one if named; answers how many.</summary>
    public Task<int> EndSessionsAsync(string userId, string? exceptSessionId, CancellationToken cancellationToken) =>
        _access.Sessions.EndAsync(userId, id => id != exceptSessionId, cancellationToken);

    // The rows of the user's sessions are gone; now from memory, and what hangs on them.
    private async Task<Outcome<UserInfo>> LetInAsync(Outcome<UserRecord> recovered)
    {
        if (!recovered.Try(out var user, out var error))
        {
            return error;
        }

        await _access.Sessions.EndAsync(user.Id, static _ => true, CancellationToken.None).ConfigureAwait(false);
        return Info(_access.Users.Adopt(user));
    }

    private static UserInfo Info(UserRecord user) => new(user.Id, user.Name, user.CreatedAt, user.IsAdmin);

    // A session is made with a label and an end.
    private static SessionInfo Info(TokenEntry entry) =>
        new(entry.Token.Id, entry.Token.Label!, entry.Token.CreatedAt, entry.LastUsedAt, entry.Token.ExpiresAt!.Value);
}
