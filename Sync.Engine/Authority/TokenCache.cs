using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Concurrency;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <summary>
/// Every live token, in memory.
/// <para>Invariants: whoever changes a token writes the database first and memory after COMMIT, on its turn (<see cref="TurnAsync"/>); look-ups take no lock. A token's entry stays the
/// same object from first sight to expiry; only its record is replaced. After a change that may take something away <see cref="Notices"/> are told which tokens it is
/// about, outside all locks.</para>
/// </summary>
internal sealed partial class TokenCache : IAsyncDisposable
{
    private static readonly TimeSpan s_flushEvery = TimeSpan.FromSeconds(30);

    private readonly AccessStore _store;
    private readonly UserCache _users;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<TokenHash, TokenEntry> _byHash = new();
    private readonly ConcurrentDictionary<string, TokenEntry> _byId = new(StringComparer.Ordinal);
    private readonly ExpiryWatch _expiry;
    private readonly Lock _adoption = new();
    private readonly AsyncLock _turn = new();
    private readonly ConcurrentQueue<TokenEntry> _used = new();
    private readonly BackgroundLoop _flushing;
    private int _disposed;

    public TokenCache(AccessStore store, UserCache users, TimeProvider time, ILogger logger, HealthRegistry health)
    {
        _store = store;
        _users = users;
        _time = time;
        _logger = logger;
        _expiry = new ExpiryWatch(time, logger, health, Expired);

        // What could not be written stays in memory and is written with the next use.
        _flushing = BackgroundLoop.Start(
            new BackgroundLoopOptions { Name = "last uses of tokens", Every = s_flushEvery, Time = time, Logger = logger, Health = health },
            FlushAsync);
    }

    /// <summary>Taken by whoever changes tokens, for the whole change: changes run one at a time. Disposing it gives the turn back.</summary>
    public Task<IDisposable> TurnAsync(CancellationToken cancellationToken) => _turn.AcquireAsync(cancellationToken);

    /// <summary>Told of every token of which something may have been taken away: narrowed, bound, revoked, expired. Minting takes nothing from anybody.</summary>
    public AccessNotices Notices { get; } = new();

    /// <summary>Whether a change is under way, for tests of what comes in between.</summary>
    internal bool IsChanging => _turn.IsHeld;

    /// <summary>The caller's token as it stands now; null when it is dead or the caller has none.</summary>
    public TokenRecord? Current(Caller caller) =>
        caller.Token is { } presented && _byId.TryGetValue(presented.Id, out var entry) && IsLive(entry.Token) ? entry.Token : null;

    /// <summary>The token with this hash, dead or alive, if memory has it.</summary>
    public bool TryGet(TokenHash hash, [NotNullWhen(true)] out TokenEntry? entry) => _byHash.TryGetValue(hash, out entry);

    /// <summary>The token of this id, dead or alive, if memory has it.</summary>
    public bool TryGet(string id, [NotNullWhen(true)] out TokenEntry? entry) => _byId.TryGetValue(id, out entry);

    /// <summary>All tokens in memory, in no order.</summary>
    public IEnumerable<TokenEntry> All => _byId.Select(static pair => pair.Value);

    /// <summary>Notes a use, to be stored in a while.</summary>
    public void NoteUse(TokenEntry entry, DateTimeOffset now)
    {
        if (entry.Touch(now))
        {
            _used.Enqueue(entry);
        }
    }

    /// <summary>Whether a token can be presented at this moment.</summary>
    public bool IsLive(TokenRecord token) => !token.Revoked && !(token.ExpiresAt <= _time.GetUtcNow());

    /// <summary>Whether what was asked for with a token still rests on it: it is live, or its hour is over and its grant is not.</summary>
    public bool IsStanding(TokenRecord token) => IsLive(token) || (!token.Revoked && token.AccessLife is not null);

    /// <summary>The token of an id, dead or alive, from memory or from the database; null when there is none.</summary>
    public async Task<TokenEntry?> FindAsync(string tokenId, CancellationToken cancellationToken)
    {
        if (_byId.TryGetValue(tokenId, out var entry))
        {
            return entry;
        }

        var stored = await _store.FindTokenAsync(tokenId, cancellationToken).ConfigureAwait(false);
        return stored is null ? null : Adopt(stored.Token, stored.LastUsedAt);
    }

    /// <summary>Honours a stored token; the entry that is there already, if one is.</summary>
    public TokenEntry Adopt(TokenRecord token, DateTimeOffset? lastUsedAt)
    {
        if (token.User is { } user)
        {
            token = token with { User = _users.Adopt(user) };
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

    /// <summary>Forgets a token that is gone from the database.</summary>
    public void Forget(TokenEntry entry)
    {
        lock (_adoption)
        {
            _byId.TryRemove(entry.Token.Id, out _);
            _byHash.TryRemove(new TokenHash(entry.Token.Hash.AsSpan()), out _);
        }
    }

    public void Forget(List<TokenEntry> entries)
    {
        foreach (var entry in entries)
        {
            Forget(entry);
        }
    }

    /// <summary>Gives an entry the secret of a refresh; the one before is known no more.</summary>
    public void Renew(TokenEntry entry, TokenHash hash, Scope scope, DateTimeOffset expiresAt)
    {
        lock (_adoption)
        {
            var before = entry.Token;
            _byHash.TryRemove(new TokenHash(before.Hash.AsSpan()), out _);
            entry.Token = before with { Hash = hash.ToBytes(), Scope = scope, ExpiresAt = expiresAt };

            // Its expiry may have come in between and taken it out.
            _byId[before.Id] = entry;
            _byHash[hash] = entry;
        }

        _expiry.Add(entry.Token.Id, expiresAt);
    }

    /// <summary>Honours that tokens were revoked.</summary>
    public void MarkRevoked(IReadOnlyList<string> tokenIds)
    {
        foreach (var id in tokenIds)
        {
            if (_byId.TryGetValue(id, out var entry))
            {
                entry.Token = entry.Token with { Revoked = true };
            }
        }
    }

    /// <summary>A token that was read, with the use that is not stored yet.</summary>
    public ListedToken WithUse(ListedToken listed) =>
        _byId.TryGetValue(listed.State.Token.Id, out var entry) ? listed with { State = listed.State with { LastUsedAt = entry.LastUsedAt } } : listed;

    /// <summary>Tells that something may have been taken away from tokens. Outside all locks.</summary>
    public void RaiseChanged(params IEnumerable<string> tokenIds)
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
                    // One that a refresh may renew stands for its grant; it goes when it is revoked and pruned.
                    if (!IsStanding(entry.Token))
                    {
                        Forget(entry);
                    }

                    expired.Add(id);
                }
            }
        }

        RaiseChanged(expired);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A listener to token changes threw.")]
    private partial void LogListenerThrew(Exception bug);
}
