using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <summary>
/// Who presents a secret, and what a caller may do in a room at this moment. Its parts have one job each: users, tokens in memory, sessions, and what writes tokens.
/// Look-ups take no lock; a secret that memory does not know is looked up in the database, since another process may have made it.
/// </summary>
internal sealed class IdentityCache : IAsyncDisposable
{
    private readonly AccessStore _store;
    private readonly TimeProvider _time;
    private readonly NegativeTokenCache _unknown;
    private readonly TokenCache _tokens;

    // A flood of unknown secrets must not take every reading connection.
    private readonly SemaphoreSlim _lookUps = new(2);

    private IdentityCache(Database database, RoomLimits limits, TimeProvider time, ILogger logger)
    {
        _store = database.Access;
        _time = time;
        _unknown = new NegativeTokenCache(time);
        Users = new UserCache(database.Access, time);
        _tokens = new TokenCache(database.Access, Users, time, logger, database.Health);
        Sessions = new SessionCache(_tokens, database.Users, time);
        RoomTokens = new RoomTokenWriter(_tokens, database.Access, time);
        Tokens = new TokenWriter(_tokens, Users, database.Access, SuccessorSecrets.Open(database.Directory), limits, time);
    }

    /// <summary>All users.</summary>
    public UserCache Users { get; }

    /// <summary>Signed-in browsers.</summary>
    public SessionCache Sessions { get; }

    /// <summary>What makes, changes and ends tokens.</summary>
    public TokenWriter Tokens { get; }

    /// <summary>What makes and ends the tokens of rooms.</summary>
    public RoomTokenWriter RoomTokens { get; }

    /// <inheritdoc cref="TokenCache.Notices"/>
    public AccessNotices Notices => _tokens.Notices;

    /// <inheritdoc cref="TokenCache.IsChanging"/>
    internal bool IsChanging => _tokens.IsChanging;

    /// <summary>A cache that knows what it is asked for only: for a command that mints a token beside the server.</summary>
    public static IdentityCache OpenEmpty(Database database, TimeProvider time, ILogger logger) => new(database, new RoomLimits(), time, logger);

    /// <summary>Loads users and live tokens.</summary>
    public static async Task<IdentityCache> OpenAsync(Database database, RoomLimits limits, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var table = new IdentityCache(database, limits, time, logger);
        await table.Users.LearnUsersAsync(cancellationToken).ConfigureAwait(false);
        foreach (var stored in await database.Access.LoadLiveTokensAsync(time.GetUtcNow(), cancellationToken).ConfigureAwait(false))
        {
            table._tokens.Adopt(stored.Token, stored.LastUsedAt);
        }

        return table;
    }

    /// <summary>Authenticates the bearer of a secret.</summary>
    public ValueTask<Outcome<Caller>> AuthenticateAsync(string? bearer, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(bearer))
        {
            return new(Caller.Anonymous);
        }

        if (!Secret.TryHash(bearer, out var hash))
        {
            return new(AccessErrors.UnknownToken);
        }

        if (_tokens.TryGet(hash, out var entry))
        {
            return new(CallerOf(entry));
        }

        return _unknown.Contains(hash) ? new(AccessErrors.UnknownToken) : LookUpAsync(hash, cancellationToken);
    }

    /// <inheritdoc cref="TokenCache.Current"/>
    public TokenRecord? Current(Caller caller) => _tokens.Current(caller);

    /// <summary>
    /// A caller that may what a user may, for what the server does for them while they are away. It stands in memory alone, has no secret, and is in no list; what it may is worked out from the
    /// user's roles of the moment, as for everybody.
    /// </summary>
    public Caller OnBehalfOf(UserRecord user)
    {
        var id = "behalf_" + user.Id;
        if (!_tokens.TryGet(id, out var entry))
        {
            entry = _tokens.Adopt(
                new TokenRecord
                {
                    Id = id,

                    // Nobody has what hashes to this.
                    Hash = [.. RandomNumberGenerator.GetBytes(TokenHash.Length)],
                    Scope = Scope.Everything,
                    CreatedAt = user.CreatedAt,
                    User = user,
                },
                lastUsedAt: null);
        }

        return entry.Caller;
    }

    /// <summary>The caller of a token, dead or alive; null when there is no such token.</summary>
    public async Task<Caller?> CallerOfTokenAsync(string tokenId, CancellationToken cancellationToken) => (await _tokens.FindAsync(tokenId, cancellationToken).ConfigureAwait(false))?.Caller;

    /// <summary>Whether what hangs on the caller's token may still come to be: it lives, or only its hour is over.</summary>
    public bool IsStanding(Caller caller) => caller.Token is { } presented && _tokens.TryGet(presented.Id, out var entry) && _tokens.IsStanding(entry.Token);

    /// <summary>The caller of a command by its ids, with the token as it stands now.</summary>
    /// <remarks>Errors: <c>authentication_required</c> for a token that is known no more.</remarks>
    public Outcome<Caller> CallerOf(CallerIdentity identity) =>
        identity.System is { } part ? Caller.System(part, identity.SystemLevel)
        : identity.Token is not { } token ? Caller.Anonymous
        : _tokens.TryGet(token, out var entry) ? entry.Caller.In(identity.Session)
        : AccessErrors.UnknownToken;

    /// <summary>What the caller of an approval may do in a room by now: as <see cref="Of"/>, though an access token of a grant whose hour is over stands for the grant.</summary>
    public RoomAccess OfStanding(Caller caller, RoomRecord room) =>
        caller.IsSystem ? Of(caller, room)
        : caller.Token is { } presented && _tokens.TryGet(presented.Id, out var entry) && _tokens.IsStanding(entry.Token) ? RoomPolicy.Of(entry.Token, room, caller.Session)
        : default;

    /// <summary>Has memory know a token that an approval rests on, dead or alive, so that <see cref="CallerOf(CallerIdentity)"/> finds it.</summary>
    public Task LearnAsync(CallerIdentity identity, CancellationToken cancellationToken) => identity.Token is { } id ? _tokens.FindAsync(id, cancellationToken) : Task.CompletedTask;

    /// <summary>What the caller's token may at most do now; everything for the server's own parts, nothing for nobody.</summary>
    public Scope ScopeOf(Caller caller) => caller.SystemLevel == AccessLevel.Admin ? Scope.Everything : Current(caller)?.Scope ?? Scope.Nothing;

    /// <summary>What the caller may do in a room at this moment: min(token scope, role).</summary>
    public RoomAccess Of(Caller caller, RoomRecord room) =>
        caller.IsSystem
            ? new RoomAccess(caller.SystemLevel, Role: null, BoundAgent: null, SeesAllScopes: caller.SystemLevel == AccessLevel.Admin)
            : Current(caller) is { } token ? RoomPolicy.Of(token, room, caller.Session) : default;

    /// <summary>
    /// Whose join one with this caller's token is: its user's as <see cref="RoomPolicy.IsUsersJoin"/> says, else nobody's.
    /// </summary>
    public UserRecord? JoinerOf(Caller caller, RoomRecord room) =>
        Current(caller) is { User: { } user } token && RoomPolicy.IsUsersJoin(token, room) ? user : null;

    private Outcome<Caller> CallerOf(TokenEntry entry)
    {
        var caller = entry.Caller;

        // Callers made from a token have one.
        var token = caller.Token!;
        if (token.Kind == CredentialKind.Session)
        {
            // No secret of a session exists; should one turn up, it is none.
            return AccessErrors.UnknownToken;
        }

        if (token.Revoked)
        {
            return AccessErrors.RevokedToken;
        }

        var now = _time.GetUtcNow();
        if (token.ExpiresAt <= now)
        {
            return AccessErrors.ExpiredToken;
        }

        _tokens.NoteUse(entry, now);

        return caller;
    }

    private async ValueTask<Outcome<Caller>> LookUpAsync(TokenHash hash, CancellationToken cancellationToken)
    {
        StoredTokenState? stored;
        await _lookUps.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            stored = await _store.FindTokenByHashAsync([.. hash.ToBytes()], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _lookUps.Release();
        }

        if (stored is null || !_tokens.IsLive(stored.Token))
        {
            _unknown.Add(hash);
            return stored is null ? AccessErrors.UnknownToken : stored.Token.Revoked ? AccessErrors.RevokedToken : AccessErrors.ExpiredToken;
        }

        // A refresh may have replaced the secret since the row was read.
        var entry = _tokens.Adopt(stored.Token, stored.LastUsedAt);
        return new TokenHash(entry.Token.Hash.AsSpan()).Equals(hash) ? CallerOf(entry) : AccessErrors.UnknownToken;
    }

    /// <inheritdoc cref="TokenCache.FlushAsync"/>
    public Task FlushAsync(CancellationToken cancellationToken) => _tokens.FlushAsync(cancellationToken);

    /// <summary>Stores last-used times; the database must still be open.</summary>
    public ValueTask DisposeAsync() => _tokens.DisposeAsync();
}
