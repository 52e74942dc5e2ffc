using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <summary>
/// What makes, changes and ends tokens, and lists them from the store: database first, then memory, then the listeners. Whether the caller may is the caller's matter.
/// </summary>
internal sealed class TokenWriter(TokenCache tokens, UserCache users, AccessStore store, SuccessorSecrets successors, RoomLimits limits, TimeProvider time)
{
    private static readonly TimeSpan s_shortestLife = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestLife = TimeSpan.FromDays(36_525);

    /// <summary>How long a dead token stays in lists.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    /// <summary>
    /// Mints a token for a user, who is created if need be. Whether the caller may grant that much is the caller's matter. Errors:
    /// <c>invalid_parameter</c> for a bad name, label or life time.
    /// </summary>
    public async Task<Outcome<MintedToken>> MintAsync(string userName, Scope scope, string? label, TimeSpan? expiresIn, CancellationToken cancellationToken)
    {
        if (!UserName.IsValid(userName))
        {
            return AccessErrors.InvalidUserName(userName);
        }

        if (CheckIssue(label, expiresIn) is { } invalid)
        {
            return invalid;
        }

        var issue = NewIssue(scope, label, clientId: null, expiresIn, withRefresh: false);
        var owner = await store.AddTokenAsync(issue.Token, users.New(userName), cancellationToken).ConfigureAwait(false);
        tokens.Adopt(issue.Token with { User = owner }, lastUsedAt: null);
        return new MintedToken(issue.Token.Id, issue.Secret, scope.Text, issue.Token.ExpiresAt);
    }

    /// <summary>
    /// From now on the token acts as this agent in this room: what a join made with it does. A token that is for no room in particular is let into this one. Answers whom it
    /// acted as before, or null.
    /// </summary>
    public async Task<AgentBinding?> BindAgentAsync(string tokenId, RoomRecord room, AgentBinding agent, CancellationToken cancellationToken)
    {
        AgentBinding? before = null;
        await MutateAsync(
            tokenId,
            token =>
            {
                before = token.Agents.TryGetValue(room.Id, out var bound) ? bound : null;
                return token with
                {
                    Agents = token.Agents.SetItem(room.Id, agent),
                    Admitted = token.Scope.LevelFor(room.Id) < AccessLevel.Write && RoomPolicy.IsUsersJoin(token, room) ? token.Admitted.Add(room.Row) : token.Admitted,
                };
            },
            cancellationToken).ConfigureAwait(false);
        return before;
    }

    /// <summary>Adds full access to a room to the scope of the token that has created it.</summary>
    public Task<Outcome<TokenRecord>> AppendRoomScopeAsync(string tokenId, string roomId, CancellationToken cancellationToken) =>
        MutateAsync(tokenId, token => token with { Scope = token.Scope.WithRoom(roomId) }, cancellationToken);

    /// <summary>Changes scope or label; null leaves as it is.</summary>
    /// <param name="tokenId">Which token.</param>
    /// <param name="scope">Its new scope.</param>
    /// <param name="label">Its new label.</param>
    /// <param name="refuse">Asked on the turn of the change, when no other change is under way: what was allowed before may have been taken away since.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    public async Task<Outcome<TokenRecord>> ChangeAsync(string tokenId, Scope? scope, string? label, Func<TokenRecord, SyncError?> refuse, CancellationToken cancellationToken) =>
        CheckLabel(label) is { } bad
            ? bad
            : await MutateAsync(
                tokenId,
                token => refuse(token) is { } refused ? refused : token with
                {
                    Scope = scope ?? token.Scope,
                    Label = label ?? token.Label,

                    // Whoever says anew what a token is for means that and no more.
                    Admitted = scope is null ? token.Admitted : [],
                },
                cancellationToken).ConfigureAwait(false);

    /// <summary>Revokes a token and everything that it minted: they are refused from the next request on. Revoking again changes nothing.</summary>
    public async Task<Outcome<TokenRecord>> RevokeAsync(string tokenId, CancellationToken cancellationToken)
    {
        TokenEntry entry;
        IReadOnlyList<string> ended;
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await tokens.FindAsync(tokenId, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                return AccessErrors.TokenNotFound(tokenId);
            }

            entry = found;
            ended = await store.RevokeAsync([tokenId], time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            tokens.MarkRevoked(ended);
        }

        tokens.RaiseChanged(ended);
        return entry.Token;
    }

    /// <summary>A person keeps a token: it no longer ends with what minted it, nor when that would have ended.</summary>
    public async Task<Outcome<TokenRecord>> KeepAsync(string tokenId, CancellationToken cancellationToken)
    {
        var parent = await store.FindTokenAsync(tokenId, cancellationToken).ConfigureAwait(false) is { Token.Parent: { } id }
            ? await store.FindTokenAsync(id, cancellationToken).ConfigureAwait(false)
            : null;
        return await MutateAsync(
            tokenId,
            token => !tokens.IsLive(token) && token.AccessLife is null ? AccessErrors.TokenNotFound(tokenId)
                : token with { Parent = null, ExpiresAt = parent is not null && EndOf(token) is { } end && end == EndOf(parent.Token) ? null : token.ExpiresAt },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Honours that tokens were revoked inside a larger transaction.</summary>
    public void Ended(IReadOnlyList<string> tokenIds)
    {
        tokens.MarkRevoked(tokenIds);
        tokens.RaiseChanged(tokenIds);
    }

    private async Task<Outcome<TokenRecord>> MutateAsync(string tokenId, Func<TokenRecord, Outcome<TokenRecord>> change, CancellationToken cancellationToken)
    {
        TokenRecord? changed;
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await tokens.FindAsync(tokenId, cancellationToken).ConfigureAwait(false) is not { } entry)
            {
                return AccessErrors.TokenNotFound(tokenId);
            }

            if (!change(entry.Token).Try(out changed, out var refused))
            {
                return refused;
            }

            await store.UpdateTokenAsync(changed, cancellationToken).ConfigureAwait(false);
            entry.Token = changed;
        }

        tokens.RaiseChanged(tokenId);
        return changed;
    }

    private static SyncError? CheckIssue(string? label, TimeSpan? expiresIn) =>
        CheckLabel(label) ?? (expiresIn < s_shortestLife || expiresIn > s_longestLife ? AccessErrors.InvalidExpiry : null);

    private static SyncError? CheckLabel(string? label) => label is { Length: > 0 } && !Identifiers.IsTitle(label, 200) ? AccessErrors.InvalidLabel : null;

    /// <summary>Makes a token without storing it; with a refresh token it lives an hour unless told otherwise. <see cref="AdoptStoredAsync"/> makes it known once it is stored.</summary>
    public TokenIssue NewIssue(Scope scope, string? label, string? clientId, TimeSpan? expiresIn, bool withRefresh, string? parent = null)
    {
        var now = time.UtcNowToMillisecond();
        var secret = Secret.New(Secret.UserPrefix);
        var life = expiresIn ?? (withRefresh ? TokenIssue.StandardLife : null);
        var token = new TokenRecord
        {
            Id = TokenIssue.NewId(),
            Hash = Secret.Hash(secret).ToBytes(),
            Scope = scope,
            Label = label,
            ClientId = clientId,
            CreatedAt = now,
            ExpiresAt = life is { } span ? ClockExtensions.ToMillisecond(now + span) : null,
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
    public TimeSpan? LifeLeft(TokenRecord token) => EndOf(token) is { } end ? end - time.GetUtcNow() : null;

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
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            switch (await store.IssueAsync(issue, user.Id, limits.TokensPerUser, Math.Max(1, limits.TokensPerUser / 2), cancellationToken).ConfigureAwait(false))
            {
                case IssueState.TooMany:
                    return AccessErrors.TooManyTokens(parent is null ? limits.TokensPerUser : Math.Max(1, limits.TokensPerUser / 2));
                case IssueState.ParentGone:
                    return AccessErrors.UnknownToken;
            }

            // On the turn: a revocation of the parent ends it in memory too.
            entry = tokens.Adopt(issue.Token with { User = user }, lastUsedAt: null);
        }

        return issue.Answer(entry.Token);
    }

    /// <summary>Honours a token that was stored inside a larger transaction. Not cancellable: it is stored already.</summary>
    public async Task<TokenRecord> AdoptStoredAsync(string tokenId) =>
        (await tokens.FindAsync(tokenId, CancellationToken.None).ConfigureAwait(false))?.Token ?? throw new InvalidDataException("A token just stored is not there.");

    /// <summary>A user's tokens, newest first, dead ones of the last 30 days among them.</summary>
    public async Task<IReadOnlyList<ListedToken>> ListTokensAsync(UserRecord user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var stored = await store.ListTokensAsync(user.Id, now, now - Remembered, cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(tokens.WithUse)];
    }

    /// <summary>The ids of a token and of everything that it minted.</summary>
    public async Task<IReadOnlySet<string>> BelowAsync(string id, CancellationToken cancellationToken) =>
        new HashSet<string>(await store.BelowAsync(id, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal);

    /// <summary>Whether one token minted another, or what minted it; a token is of its own lineage.</summary>
    public Task<bool> IsBelowAsync(string id, string ancestor, CancellationToken cancellationToken) =>
        id == ancestor ? Task.FromResult(true) : store.IsBelowAsync(id, ancestor, cancellationToken);

    /// <summary>The token of an id, dead or alive; null when there is none.</summary>
    public async Task<ListedToken?> FindListedTokenAsync(string id, CancellationToken cancellationToken) =>
        await store.FindListedTokenAsync(id, time.GetUtcNow(), cancellationToken).ConfigureAwait(false) is { } stored ? tokens.WithUse(stored) : null;

    /// <summary>Whether a token can still be presented, now or after a refresh.</summary>
    public bool IsOfUse(ListedToken token) => tokens.IsLive(token.State.Token) || (token.Refreshable && !token.State.Token.Revoked);

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

        var now = time.UtcNowToMillisecond();
        var (secret, refreshSecret) = successors.Of(presented);
        var hash = Secret.Hash(secret);
        Renewal renewal;
        TokenEntry? entry = null;
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            var request = new RenewToken([.. presentedHash.ToBytes()], clientId, narrower, [.. hash.ToBytes()], RefreshRecord.Of(refreshSecret, now), now);
            renewal = await store.RenewAsync(request, cancellationToken).ConfigureAwait(false);
            if (renewal.State == RenewalState.Reused)
            {
                tokens.MarkRevoked(renewal.Ended);
            }
            else if (renewal.State is RenewalState.Renewed or RenewalState.Repeated)
            {
                // Stored by now, so no cancellation may come between. A token that was forgotten at its expiry is read as renewed.
                entry = await tokens.FindAsync(renewal.TokenId!, CancellationToken.None).ConfigureAwait(false);
                tokens.Renew(entry!, hash, renewal.Scope, renewal.ExpiresAt);
            }
        }

        if (renewal.State == RenewalState.Renewed && narrower is not null)
        {
            tokens.RaiseChanged(renewal.TokenId!);
        }

        tokens.RaiseChanged(renewal.Ended);

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
            return (await store.FindTokenByHashAsync([.. hash.ToBytes()], cancellationToken).ConfigureAwait(false))?.Token;
        }

        return Secret.TryHash(secret, Secret.RefreshPrefix, out hash)
            && await store.FindTokenByRefreshAsync([.. hash.ToBytes()], cancellationToken).ConfigureAwait(false) is { } id
            ? (await store.FindTokenAsync(id, cancellationToken).ConfigureAwait(false))?.Token
            : null;
    }

    /// <summary>Ends what a token minted that is past renewal, and removes tokens that have been dead for 30 days and refresh tokens past their life.</summary>
    public async Task PruneAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> ended;
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            var now = time.GetUtcNow();
            (ended, var removed) = await store.PruneAsync(now, now - Remembered, cancellationToken).ConfigureAwait(false);
            tokens.MarkRevoked(ended);
            foreach (var id in removed)
            {
                if (tokens.TryGet(id, out var entry))
                {
                    tokens.Forget(entry);
                }
            }
        }

        tokens.RaiseChanged(ended);
    }

    /// <summary>A user's tokens, newest first, with when each was last used; dead ones included.</summary>
    public async Task<IReadOnlyList<StoredTokenState>> TokensOfAsync(string userId, CancellationToken cancellationToken)
    {
        var stored = await store.TokensOfAsync(userId, cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(state => tokens.TryGet(state.Token.Id, out var entry) ? state with { LastUsedAt = entry.LastUsedAt } : state)];
    }
}
