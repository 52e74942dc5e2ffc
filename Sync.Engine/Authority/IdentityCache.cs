using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <summary>
/// Every live token and every user, in memory: who presents a secret, and what a caller may do in a room at this moment.
/// <para>Invariants: the database is written first and memory after COMMIT, so what memory honours would survive a crash; what another
/// process adds is found in the database at first use. Mutations run one at a time (<see cref="_mutations"/>); look-ups take no
/// lock. A token's entry stays the same object from its first use to its expiry; only its record is replaced. After a change that may take
/// something away <see cref="Notices"/> are told which tokens it is about, outside all locks.</para>
/// </summary>
internal sealed partial class IdentityCache : IUserNames, IAsyncDisposable
{
    private static readonly TimeSpan s_flushEvery = TimeSpan.FromSeconds(30);

    private readonly AccessStore _store;
    private readonly UserStore _users;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<TokenHash, TokenEntry> _byHash = new();
    private readonly ConcurrentDictionary<string, TokenEntry> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UserRecord> _usersById = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UserRecord> _usersByName = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ImmutableArray<UserRecord>> _usersByConfusable = new(StringComparer.Ordinal);
    private readonly NegativeTokenCache _unknown;
    private readonly SuccessorSecrets _successors;
    private readonly RoomLimits _limits;
    private readonly ExpiryWatch _expiry;
    private readonly Lock _adoption = new();
    private readonly SemaphoreSlim _mutations = new(1);

    // A flood of unknown secrets must not take every reading connection.
    private readonly SemaphoreSlim _lookUps = new(2);
    private readonly ConcurrentQueue<TokenEntry> _used = new();
    private readonly BackgroundLoop _flushing;

    // Where the newest user that was read stands in the order of adding.
    private long _lastUser;
    private int _disposed;

    private IdentityCache(Database database, RoomLimits limits, TimeProvider time, ILogger logger)
    {
        _store = database.Access;
        _users = database.Users;
        _time = time;
        _logger = logger;
        _limits = limits;
        _unknown = new NegativeTokenCache(time);
        _successors = SuccessorSecrets.Open(database.Directory);
        _expiry = new ExpiryWatch(time, logger, database.Health, Expired);

        // What could not be written stays in memory and is written with the next use.
        _flushing = BackgroundLoop.Start(
            new BackgroundLoopOptions { Name = "last uses of tokens", Every = s_flushEvery, Time = time, Logger = logger, Health = database.Health },
            FlushAsync);
    }

    /// <summary>A table that knows what it is asked for only: for a command that mints a token beside the server.</summary>
    public static IdentityCache OpenEmpty(Database database, TimeProvider time, ILogger logger) => new(database, new RoomLimits(), time, logger);

    /// <summary>Loads users and live tokens.</summary>
    public static async Task<IdentityCache> OpenAsync(Database database, RoomLimits limits, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var table = new IdentityCache(database, limits, time, logger);
        await table.LearnUsersAsync(cancellationToken).ConfigureAwait(false);
        foreach (var stored in await database.Access.LoadLiveTokensAsync(time.GetUtcNow(), cancellationToken).ConfigureAwait(false))
        {
            table.Adopt(stored.Token, stored.LastUsedAt);
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

        if (_byHash.TryGetValue(hash, out var entry))
        {
            return new(Reserve(entry));
        }

        return _unknown.Contains(hash) ? new(AccessErrors.UnknownToken) : LookUpAsync(hash, cancellationToken);
    }

    /// <summary>The caller's token as it stands now; null when it is dead or the caller has none.</summary>
    public TokenRecord? Current(Caller caller) =>
        caller.Token is { } presented && _byId.TryGetValue(presented.Id, out var entry) && IsLive(entry.Token) ? entry.Token : null;

    /// <summary>The caller of a command by its ids, with the token as it stands now.</summary>
    /// <remarks>Errors: <c>authentication_required</c> for a token that is known no more.</remarks>
    public Outcome<Caller> CallerOf(CallerIdentity identity) =>
        identity.System is { } part ? Caller.System(part, identity.SystemLevel)
        : identity.Token is not { } token ? Caller.Anonymous
        : _byId.TryGetValue(token, out var entry) ? entry.Caller.In(identity.Session)
        : AccessErrors.UnknownToken;

    /// <summary>What the caller's token may at most do now; everything for the server's own parts, nothing for nobody.</summary>
    public Scope ScopeOf(Caller caller) => caller.SystemLevel == AccessLevel.Admin ? Scope.Everything : Current(caller)?.Scope ?? Scope.Nothing;

    /// <summary>What the caller may do in a room at this moment: min(token scope, role).</summary>
    public RoomAccess Of(Caller caller, RoomRecord room) =>
        caller.IsSystem
            ? new RoomAccess(caller.SystemLevel, Role: null, BoundAgent: null, SeesAllScopes: true)
            : Current(caller) is { } token ? RoomPolicy.Of(token, room, caller.Session) : default;

    /// <summary>
    /// Whose join one with this caller's token is: its user's, when the token covers the room at write level, or, where whoever knows the room may join, names no room or
    /// agent at all and so is for no other; else nobody's.
    /// </summary>
    public UserRecord? JoinerOf(Caller caller, RoomRecord room)
    {
        if (Current(caller) is not { User: { } user, Scope: var scope })
        {
            return null;
        }

        return scope.LevelFor(room.Id) >= AccessLevel.Write || (room.Join == JoinPolicy.Open && scope is { CanCreateRooms: true, Everywhere: AccessLevel.None } && !scope.Rooms.Any()) ? user : null;
    }

    /// <summary>The user with this id, or null.</summary>
    public UserRecord? UserById(string id) => _usersById.GetValueOrDefault(id);

    /// <summary>The user of this name, compared without case; also one that another process has just made.</summary>
    public async ValueTask<UserRecord?> FindUserAsync(string name, CancellationToken cancellationToken)
    {
        if (_usersByName.TryGetValue(name, out var known))
        {
            return known;
        }

        return UserName.IsValid(name) && await _store.FindUserByNameAsync(name, cancellationToken).ConfigureAwait(false) is { } found
            ? Adopt(found)
            : null;
    }

    /// <summary>A user's tokens, newest first, with when each was last used; dead ones included.</summary>
    public async Task<IReadOnlyList<StoredTokenState>> TokensOfAsync(string userId, CancellationToken cancellationToken)
    {
        var stored = await _store.TokensOfAsync(userId, cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(state => _byId.TryGetValue(state.Token.Id, out var entry) ? state with { LastUsedAt = entry.LastUsedAt } : state)];
    }

    /// <summary>All users with their figures.</summary>
    public Task<IReadOnlyList<UserSummary>> SummariseUsersAsync(CancellationToken cancellationToken) =>
        _store.SummariseUsersAsync(_time.GetUtcNow(), cancellationToken);

    /// <summary>Told of every token of which something may have been taken away: narrowed, bound, revoked, expired. Minting takes nothing from anybody.</summary>
    public AccessNotices Notices { get; } = new();

    /// <summary>Whether a change is under way, for tests of what comes in between.</summary>
    internal bool IsChanging => _mutations.CurrentCount == 0;

    /// <summary>Stores last-used times now.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        List<(string Id, long LastUsedMs)> batch = [];
        while (batch.Count < 10_000 && _used.TryDequeue(out var entry))
        {
            batch.Add(entry.TakeUse());
        }

        if (batch.Count > 0)
        {
            await _store.SaveLastUsedAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Flushes; the database must still be open.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _flushing.DisposeAsync().ConfigureAwait(false);
        _expiry.Dispose();
        await FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private Outcome<Caller> Reserve(TokenEntry entry)
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

        if (entry.Touch(now))
        {
            _used.Enqueue(entry);
        }

        return caller;
    }

    private bool IsLive(TokenRecord token) => !token.Revoked && !(token.ExpiresAt <= _time.GetUtcNow());

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

        if (stored is null || !IsLive(stored.Token))
        {
            _unknown.Add(hash);
            return stored is null ? AccessErrors.UnknownToken : stored.Token.Revoked ? AccessErrors.RevokedToken : AccessErrors.ExpiredToken;
        }

        // A refresh may have replaced the secret since the row was read.
        var entry = Adopt(stored.Token, stored.LastUsedAt);
        return new TokenHash(entry.Token.Hash.AsSpan()).Equals(hash) ? Reserve(entry) : AccessErrors.UnknownToken;
    }

    private UserRecord Adopt(UserRecord user)
    {
        var known = _usersById.GetOrAdd(user.Id, user);
        if (_usersByName.TryAdd(known.Name, known))
        {
            NoteConfusable(known);
        }

        return known;
    }

    private TokenEntry Adopt(TokenRecord token, DateTimeOffset? lastUsedAt)
    {
        if (token.User is { } user)
        {
            token = token with { User = Adopt(user) };
        }

        lock (_adoption)
        {
            if (_byId.TryGetValue(token.Id, out var known))
            {
                return known;
            }

            var entry = new TokenEntry(token, lastUsedAt);
            _byId[token.Id] = entry;
            _byHash[new TokenHash(token.Hash.AsSpan())] = entry;
            if (token.ExpiresAt is { } at)
            {
                _expiry.Add(token.Id, at);
            }

            return entry;
        }
    }

    private void Forget(TokenEntry entry)
    {
        lock (_adoption)
        {
            _byId.TryRemove(entry.Token.Id, out _);
            _byHash.TryRemove(new TokenHash(entry.Token.Hash.AsSpan()), out _);
        }
    }

    private void Expired(IReadOnlyList<string> tokenIds)
    {
        List<string> expired = [];
        foreach (var id in tokenIds)
        {
            // Looked at and forgotten in one step: a refresh may have renewed it, and may be doing so now.
            lock (_adoption)
            {
                if (_byId.TryGetValue(id, out var entry) && !IsLive(entry.Token))
                {
                    Forget(entry);
                    expired.Add(id);
                }
            }
        }

        RaiseChanged(expired);
    }

    private void RaiseChanged(params IEnumerable<string> tokenIds)
    {
        foreach (var id in tokenIds)
        {
            try
            {
                Notices.Notify(AccessChange.OfToken(id));
            }
            catch (Exception bug)
            {
                // The change itself stands: it must not look as if it had failed.
                LogListenerThrew(bug);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A listener to token changes threw.")]
    private partial void LogListenerThrew(Exception bug);
}
