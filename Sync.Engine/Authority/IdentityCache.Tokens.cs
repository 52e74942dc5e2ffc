using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <content>Users' own tokens: issue, list, refresh, prune. Whether the caller may is the caller's matter.</content>
internal sealed partial class IdentityCache
{
    // How long a dead token stays in its user's list.
    private static readonly TimeSpan s_remembered = TimeSpan.FromDays(30);

    /// <summary>Makes a token without storing it; with a refresh token it lives an hour unless told otherwise. <see cref="AdoptStoredAsync"/> makes it known once it is stored.</summary>
    public TokenIssue NewIssue(Scope scope, string? label, string? clientId, TimeSpan? expiresIn, bool withRefresh, string? parent = null)
    {
        var now = _time.UtcNowToMillisecond();
        var secret = Secret.New(Secret.UserPrefix);
        var life = expiresIn ?? (withRefresh ? TokenIssue.StandardLife : null);
        var token = new TokenRecord
        {
            Id = NewTokenId(),
            Hash = Secret.Hash(secret).ToBytes(),
            Scope = scope,
            Label = label,
            ClientId = clientId,
            CreatedAt = now,
            ExpiresAt = life is { } span ? UtcNowToMillisecond(now + span) : null,
            AccessLife = withRefresh ? life : null,
            Parent = parent,
        };
        if (!withRefresh)
        {
            return new TokenIssue(token, secret, Refresh: null, RefreshSecret: null);
        }

        var (refreshSecret, refresh) = RefreshRecord.New(now);
        return new TokenIssue(token, secret, refresh, refreshSecret);
    }

    /// <summary>When a token ends by itself; null when it has no end, or renews itself.</summary>
    public static DateTimeOffset? EndOf(TokenRecord token) => token is { Kind: CredentialKind.Token, AccessLife: null } ? token.ExpiresAt : null;

    /// <summary>How long a token still lives; null when it has no end, or renews itself.</summary>
    public TimeSpan? LifeLeft(TokenRecord token) => EndOf(token) is { } end ? end - _time.GetUtcNow() : null;

    /// <summary>
    /// Issues a token to a user. Errors: <c>invalid_parameter</c> for a bad label or life time, or one token too many; <c>invalid_token</c> when the parent was revoked meanwhile.
    /// </summary>
    public async Task<Outcome<IssuedToken>> IssueAsync(UserRecord user, Scope scope, MintToken request, string? parent, CancellationToken cancellationToken)
    {
        if (CheckIssue(request.Label, request.ExpiresIn) is { } invalid)
        {
            return invalid;
        }

        var issue = NewIssue(scope, request.Label, clientId: null, request.ExpiresIn, request.WithRefresh, parent);
        TokenEntry entry;
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            switch (await _store.IssueAsync(issue, user.Id, _limits.TokensPerUser, Math.Max(1, _limits.TokensPerUser / 2), cancellationToken).ConfigureAwait(false))
            {
                case IssueState.TooMany:
                    return AccessErrors.TooManyTokens(parent is null ? _limits.TokensPerUser : Math.Max(1, _limits.TokensPerUser / 2));
                case IssueState.ParentGone:
                    return AccessErrors.UnknownToken;
            }

            // On the turn: a revocation of the parent ends it in memory too.
            entry = Adopt(issue.Token with { User = user }, lastUsedAt: null);
        }
        finally
        {
            _mutations.Release();
        }

        return issue.Answer(entry.Token);
    }

    /// <summary>Honours a token that was stored inside a larger transaction. Not cancellable: it is stored already.</summary>
    public async Task<TokenRecord> AdoptStoredAsync(string tokenId) =>
        (await EntryAsync(tokenId, CancellationToken.None).ConfigureAwait(false))?.Token ?? throw new InvalidDataException("A token just stored is not there.");

    /// <summary>A user's tokens, newest first, dead ones of the last 30 days among them.</summary>
    public async Task<IReadOnlyList<ListedToken>> ListTokensAsync(UserRecord user, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var stored = await _store.ListTokensAsync(user.Id, now, now - s_remembered, cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(WithUse)];
    }

    /// <summary>A room's own tokens, newest first, dead ones of the last 30 days among them.</summary>
    public async Task<IReadOnlyList<ListedToken>> ListRoomTokensAsync(RoomRecord room, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var stored = await _store.ListRoomTokensAsync(room.Row, now, now - s_remembered, cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(WithUse)];
    }

    /// <summary>The ids of a token and of everything that it minted.</summary>
    public async Task<IReadOnlySet<string>> BelowAsync(string id, CancellationToken cancellationToken) =>
        new HashSet<string>(await _store.BelowAsync(id, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal);

    /// <summary>Whether one token minted another, or what minted it; a token is of its own lineage.</summary>
    public Task<bool> IsBelowAsync(string id, string ancestor, CancellationToken cancellationToken) =>
        id == ancestor ? Task.FromResult(true) : _store.IsBelowAsync(id, ancestor, cancellationToken);

    /// <summary>The token of an id, dead or alive; null when there is none.</summary>
    public async Task<ListedToken?> FindListedTokenAsync(string id, CancellationToken cancellationToken) =>
        await _store.FindListedTokenAsync(id, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) is { } stored ? WithUse(stored) : null;

    /// <summary>Whether a token can still be presented, now or after a refresh.</summary>
    public bool IsOfUse(ListedToken token) => IsLive(token.State.Token) || (token.Refreshable && !token.State.Token.Revoked);

    /// <summary>Adds a grant in one room to a token's scope.</summary>
    public Task<Outcome<TokenRecord>> WidenAsync(string tokenId, string roomId, AccessLevel level, CancellationToken cancellationToken) =>
        MutateAsync(tokenId, token => token with { Scope = token.Scope.With(roomId, level, agent: null) }, cancellationToken);

    /// <summary>
    /// Renews a token by its refresh token: the entry stays, with the same id, so what hangs on the token goes on; the secret before is refused from now on. The same
    /// refresh token again, shortly after and before its successor was used, gives the same pair, with the scope it has: two sessions of one program, or an answer that was lost.
    /// Errors: <c>invalid_token</c>, <c>scope_exceeds_token</c>.
    /// </summary>
    public async Task<Outcome<IssuedToken>> RefreshAsync(string presented, string? clientId, Scope? narrower, CancellationToken cancellationToken)
    {
        if (!Secret.TryHash(presented, Secret.RefreshPrefix, out var presentedHash))
        {
            return AccessErrors.UnknownToken;
        }

        var now = _time.UtcNowToMillisecond();
        var (secret, refreshSecret) = _successors.Of(presented);
        var hash = Secret.Hash(secret);
        Renewal renewal;
        TokenEntry? entry = null;
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var request = new RenewToken([.. presentedHash.ToBytes()], clientId, narrower, [.. hash.ToBytes()], RefreshRecord.Of(refreshSecret, now), now);
            renewal = await _store.RenewAsync(request, cancellationToken).ConfigureAwait(false);
            if (renewal.State == RenewalState.Reused)
            {
                MarkRevoked(renewal.Ended);
            }
            else if (renewal.State is RenewalState.Renewed or RenewalState.Repeated)
            {
                // Stored by now, so no cancellation may come between. A token that was forgotten at its expiry is read as renewed.
                entry = await EntryAsync(renewal.TokenId!, CancellationToken.None).ConfigureAwait(false);
                Replace(entry!, hash, renewal.Scope, renewal.ExpiresAt);
            }
        }
        finally
        {
            _mutations.Release();
        }

        if (renewal.State == RenewalState.Renewed && narrower is not null)
        {
            RaiseChanged(renewal.TokenId!);
        }

        RaiseChanged(renewal.Ended);

        return renewal.State switch
        {
            RenewalState.Renewed or RenewalState.Repeated => new IssuedToken(
                TokenInfo.Of(entry!.Token, entry.LastUsedAt, refreshable: true), secret, refreshSecret, renewal.ExpiresAt > now ? renewal.ExpiresAt - now : TimeSpan.Zero),
            RenewalState.Exceeds => ScopeErrors.ExceedsToken(narrower!, renewal.Scope),
            RenewalState.OtherScope => ScopeErrors.AlreadyRefreshed(renewal.Scope),
            _ => AccessErrors.UnknownToken,
        };
    }

    /// <summary>The token behind an access or a refresh secret of a user, dead or alive; null when there is none.</summary>
    public async Task<TokenRecord?> FindBySecretAsync(string secret, CancellationToken cancellationToken)
    {
        if (Secret.TryHash(secret, Secret.UserPrefix, out var hash))
        {
            return (await _store.FindTokenByHashAsync([.. hash.ToBytes()], cancellationToken).ConfigureAwait(false))?.Token;
        }

        return Secret.TryHash(secret, Secret.RefreshPrefix, out hash)
            && await _store.FindTokenByRefreshAsync([.. hash.ToBytes()], cancellationToken).ConfigureAwait(false) is { } id
            ? (await _store.FindTokenAsync(id, cancellationToken).ConfigureAwait(false))?.Token
            : null;
    }

    /// <summary>Ends what a token minted that is past renewal, and removes tokens that have been dead for 30 days and refresh tokens past their life.</summary>
    public async Task PruneAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> ended;
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = _time.GetUtcNow();
            (ended, var removed) = await _store.PruneAsync(now, now - s_remembered, cancellationToken).ConfigureAwait(false);
            MarkRevoked(ended);
            foreach (var id in removed)
            {
                if (_byId.TryGetValue(id, out var entry))
                {
                    Forget(entry);
                }
            }
        }
        finally
        {
            _mutations.Release();
        }

        RaiseChanged(ended);
    }

    private void Replace(TokenEntry entry, TokenHash hash, Scope scope, DateTimeOffset expiresAt)
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

    private void MarkRevoked(IReadOnlyList<string> tokenIds)
    {
        foreach (var id in tokenIds)
        {
            if (_byId.TryGetValue(id, out var entry))
            {
                entry.Token = entry.Token with { Revoked = true };
            }
        }
    }

    private ListedToken WithUse(ListedToken listed) =>
        _byId.TryGetValue(listed.State.Token.Id, out var entry) ? listed with { State = listed.State with { LastUsedAt = entry.LastUsedAt } } : listed;
}
