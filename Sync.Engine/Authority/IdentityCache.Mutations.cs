using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <content>What changes tokens and users: database first, then memory, then the listeners.</content>
internal sealed partial class IdentityCache
{
    // Of a room's own tokens with one scope: links to read it, room tokens, tokens of one agent.
    private const int MaxOfAKind = 20;

    private static readonly TimeSpan s_shortestLife = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestLife = TimeSpan.FromDays(36_525);

    /// <summary>Makes a user. Errors: <c>invalid_parameter</c> for a bad or taken name.</summary>
    public async Task<Outcome<UserRecord>> CreateUserAsync(string name, CancellationToken cancellationToken)
    {
        if (!UserName.IsValid(name))
        {
            return AccessErrors.InvalidUserName(name);
        }

        var (user, added) = await _store.GetOrAddUserAsync(NewUser(name), cancellationToken).ConfigureAwait(false);
        return added ? Adopt(user) : AccessErrors.UserExists(name);
    }

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
        var owner = await _store.AddTokenAsync(issue.Token, NewUser(userName), cancellationToken).ConfigureAwait(false);
        Adopt(issue.Token with { User = owner }, lastUsedAt: null);
        return new MintedToken(issue.Token.Id, issue.Secret, scope.Text, issue.Token.ExpiresAt);
    }

    /// <summary>
    /// Makes one of a room's own tokens without storing it: for <see cref="RoomStore.CreateAsync"/>, after which <c>Adopt</c>
    /// makes it known. It carries who makes it, and ends with the token that does, if that ends.
    /// </summary>
    /// <param name="prefix">The kind of its secret.</param>
    /// <param name="scope">What it may do.</param>
    /// <param name="maker">Who makes it; nobody, where a room lets anybody join, and a part of the server make one that ends with nothing.</param>
    public (string Secret, LegacyToken Token) NewLegacyToken(string prefix, Scope scope, Caller maker)
    {
        var secret = Secret.New(prefix);
        var presented = Current(maker) ?? maker.Token;
        var token = new LegacyToken(NewTokenId(), Secret.Hash(secret).ToBytes(), scope, _time.UtcNowToMillisecond())
        {
            OnBehalfOf = presented?.User?.Id ?? presented?.OnBehalfOf,
            Parent = presented is { Kind: CredentialKind.Token } ? presented.Id : null,
            ExpiresAt = presented is null ? null : EndOf(presented),
        };
        return (secret, token);
    }

    /// <summary>Honours tokens that were stored with their new room.</summary>
    public void Adopt(RoomRecord room, params ReadOnlySpan<LegacyToken> tokens)
    {
        foreach (var token in tokens)
        {
            Adopt(token.ToRecord(room.Row), lastUsedAt: null);
        }
    }

    /// <summary>Stores and honours one of a room's own tokens. Of many with the same scope the ones that were idle longest are removed.</summary>
    /// <remarks>Errors: <c>invalid_token</c> when the token that makes it was revoked meanwhile.</remarks>
    public async Task<Outcome<TokenRecord>> AddRoomTokenAsync(RoomRecord room, LegacyToken token, CancellationToken cancellationToken)
    {
        var record = token.ToRecord(room.Row);
        IReadOnlyList<string> removed;
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await _store.AddRoomTokenAsync(record, MaxOfAKind, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) is not { } stored)
            {
                return AccessErrors.UnknownToken;
            }

            removed = stored;
            Adopt(room, token);
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

        RaiseChanged(removed);
        return record;
    }

    /// <summary>
    /// Mints an agent's own token (<c>as_…</c>), which acts as that agent in that room and nothing else.
    /// </summary>
    /// <param name="room">The room.</param>
    /// <param name="agent">Which agent.</param>
    /// <param name="maker">Whose join it was: <see cref="Caller.Anonymous"/> for one that is nobody's.</param>
    /// <param name="behalf">The user the agent is linked to, whose role limits it; null for the maker's.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <returns>The secret, shown this once.</returns>
    /// <remarks>Errors: <c>invalid_token</c> when the token that makes it was revoked meanwhile.</remarks>
    public async Task<Outcome<string>> MintAgentTokenAsync(RoomRecord room, AgentBinding agent, Caller maker, string? behalf, CancellationToken cancellationToken)
    {
        var (secret, token) = NewLegacyToken(Secret.AgentPrefix, Scope.Of(room.Id, AccessLevel.Write, agent.Agent), maker);
        token = token with { OnBehalfOf = behalf ?? token.OnBehalfOf, Agents = token.Agents.SetItem(room.Id, agent) };
        return (await AddRoomTokenAsync(room, token, cancellationToken).ConfigureAwait(false)).Try(out _, out var error) ? secret : error;
    }

    /// <summary>From now on the token acts as this agent in this room: what a join made with it does. Answers whom it acted as before, or null.</summary>
    public async Task<AgentBinding?> BindAgentAsync(string tokenId, string roomId, AgentBinding agent, CancellationToken cancellationToken)
    {
        AgentBinding? before = null;
        await MutateAsync(
            tokenId,
            token =>
            {
                before = token.Agents.TryGetValue(roomId, out var bound) ? bound : null;
                return token with { Agents = token.Agents.SetItem(roomId, agent) };
            },
            cancellationToken).ConfigureAwait(false);
        return before;
    }

    /// <summary>
    /// Ends what acts as an agent that was removed: its own tokens, and that users' tokens act as it. Tokens of another agent that has the id by now are not among them.
    /// A token that is missed, because the server stops in between, acts as nobody (<see cref="RoomAccess.BoundSince"/>).
    /// </summary>
    public async Task EndAgentAsync(RoomRecord room, AgentBinding agent, CancellationToken cancellationToken)
    {
        List<string> ended = [];
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var entry in _byId.Values.Where(entry => Acts(entry.Token)).ToList())
            {
                ended.Add(entry.Token.Id);
                if (entry.Token.User is null)
                {
                    await _store.RemoveTokenAsync(entry.Token.Id, cancellationToken).ConfigureAwait(false);
                    Forget(entry);
                }
                else
                {
                    var free = entry.Token with { Agents = entry.Token.Agents.Remove(room.Id) };
                    await _store.UpdateTokenAsync(free, cancellationToken).ConfigureAwait(false);
                    entry.Token = free;
                }
            }
        }
        finally
        {
            _mutations.Release();
        }

        RaiseChanged(ended);

        bool Acts(TokenRecord token) => token.Agents.TryGetValue(room.Id, out var bound)
            ? bound == agent
            : agent.Since == 0 && token.RoomRow == room.Row && token.Scope.AgentFor(room.Id) == agent.Agent;
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
                token => refuse(token) is { } refused ? refused : token with { Scope = scope ?? token.Scope, Label = label ?? token.Label },
                cancellationToken).ConfigureAwait(false);

    /// <summary>Revokes a token and everything that it minted: they are refused from the next request on. Revoking again changes nothing.</summary>
    public async Task<Outcome<TokenRecord>> RevokeAsync(string tokenId, CancellationToken cancellationToken)
    {
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        TokenEntry entry;
        IReadOnlyList<string> ended;
        try
        {
            if (await EntryAsync(tokenId, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                return AccessErrors.TokenNotFound(tokenId);
            }

            entry = found;
            ended = await _store.RevokeAsync([tokenId], _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            MarkRevoked(ended);
        }
        finally
        {
            _mutations.Release();
        }

        RaiseChanged(ended);
        return entry.Token;
    }

    /// <summary>A person keeps a token: it no longer ends with what minted it, nor when that would have ended.</summary>
    public async Task<Outcome<TokenRecord>> KeepAsync(string tokenId, CancellationToken cancellationToken)
    {
        var parent = await _store.FindTokenAsync(tokenId, cancellationToken).ConfigureAwait(false) is { Token.Parent: { } id }
            ? await _store.FindTokenAsync(id, cancellationToken).ConfigureAwait(false)
            : null;
        return await MutateAsync(
            tokenId,
            token => !IsLive(token) && token.AccessLife is null ? AccessErrors.TokenNotFound(tokenId)
                : token with { Parent = null, ExpiresAt = parent is not null && EndOf(token) is { } end && end == EndOf(parent.Token) ? null : token.ExpiresAt },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Honours that tokens were revoked inside a larger transaction.</summary>
    public void Ended(IReadOnlyList<string> tokenIds)
    {
        MarkRevoked(tokenIds);
        RaiseChanged(tokenIds);
    }

    /// <summary>
    /// Forgets a deleted room: its own tokens, and which agents users' tokens were there. The database has forgotten already
    /// (<see cref="RoomStore.DeleteAsync"/>).
    /// </summary>
    public async Task ForgetAsync(RoomRecord room, CancellationToken cancellationToken)
    {
        List<string> forgotten = [];
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var entry in _byId.Values)
            {
                var token = entry.Token;
                if (token.RoomRow == room.Row)
                {
                    Forget(entry);
                    forgotten.Add(token.Id);
                }
                else if (token.Agents.ContainsKey(room.Id))
                {
                    entry.Token = token with { Agents = token.Agents.Remove(room.Id) };
                }
            }
        }
        finally
        {
            _mutations.Release();
        }

        RaiseChanged(forgotten);
    }

    private async Task<Outcome<TokenRecord>> MutateAsync(string tokenId, Func<TokenRecord, Outcome<TokenRecord>> change, CancellationToken cancellationToken)
    {
        TokenRecord? changed;
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await EntryAsync(tokenId, cancellationToken).ConfigureAwait(false) is not { } entry)
            {
                return AccessErrors.TokenNotFound(tokenId);
            }

            if (!change(entry.Token).Try(out changed, out var refused))
            {
                return refused;
            }

            await _store.UpdateTokenAsync(changed, cancellationToken).ConfigureAwait(false);
            entry.Token = changed;
        }
        finally
        {
            _mutations.Release();
        }

        RaiseChanged(tokenId);
        return changed;
    }

    private async Task<TokenEntry?> EntryAsync(string tokenId, CancellationToken cancellationToken)
    {
        if (_byId.TryGetValue(tokenId, out var entry))
        {
            return entry;
        }

        var stored = await _store.FindTokenAsync(tokenId, cancellationToken).ConfigureAwait(false);
        return stored is null ? null : Adopt(stored.Token, stored.LastUsedAt);
    }

    private UserRecord NewUser(string name) => new(Secret.NewId("u_"), name, _time.UtcNowToMillisecond());

    private static string NewTokenId() => Secret.NewId("t_");

    // What the database keeps, so that a token is the same before and after a restart.
    private static DateTimeOffset UtcNowToMillisecond(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());

    private static SyncError? CheckIssue(string? label, TimeSpan? expiresIn) =>
        CheckLabel(label) ?? (expiresIn < s_shortestLife || expiresIn > s_longestLife ? AccessErrors.InvalidExpiry : null);

    private static SyncError? CheckLabel(string? label) => label is { Length: > 0 } && !Identifiers.IsTitle(label, 200) ? AccessErrors.InvalidLabel : null;
}
