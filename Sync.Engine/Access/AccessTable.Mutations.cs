using Sync.Engine.Persistence;
using Sync.Engine.Timers;

namespace Sync.Engine;

/// <content>What changes tokens and users: database first, then memory, then the listeners.</content>
internal sealed partial class AccessTable
{
    private const int MostOfAnAgent = 20;

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
    /// makes it known.
    /// </summary>
    public (string Secret, LegacyToken Token) NewLegacyToken(string prefix, Scope scope)
    {
        var secret = Secret.New(prefix);
        return (secret, new LegacyToken(NewTokenId(), Secret.Hash(secret).ToBytes(), scope, _time.Milliseconds()));
    }

    /// <summary>Honours tokens that were stored with their new room.</summary>
    public void Adopt(RoomRecord room, params ReadOnlySpan<LegacyToken> tokens)
    {
        foreach (var token in tokens)
        {
            Adopt(token.ToRecord(room.Row), lastUsedAt: null);
        }
    }

    /// <summary>
    /// Mints an agent's own token (<c>as_…</c>), which acts as that agent in that room and nothing else. Of an agent that joins again and again the tokens that were
    /// idle longest die.
    /// </summary>
    /// <param name="room">The room.</param>
    /// <param name="agent">Which agent.</param>
    /// <param name="behalf">The member whose role limits it, or null.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <returns>The secret, shown this once.</returns>
    public async Task<string> MintAgentTokenAsync(RoomRecord room, AgentBinding agent, string? behalf, CancellationToken cancellationToken)
    {
        var (secret, token) = NewLegacyToken(Secret.AgentPrefix, Scope.Of(room.Id, AccessLevel.Write, agent.Agent));
        token = token with { Behalf = behalf, Agents = token.Agents.SetItem(room.Id, agent) };
        var died = await _store.AddAgentTokenAsync(token.ToRecord(room.Row), MostOfAnAgent, cancellationToken).ConfigureAwait(false);
        Adopt(room, token);
        foreach (var id in died)
        {
            if (_byId.TryGetValue(id, out var entry))
            {
                Forget(entry);
            }
        }

        RaiseChanged(died);
        return secret;
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

    /// <summary>Revokes a token: it is refused from the next request on. Revoking again changes nothing.</summary>
    public async Task<Outcome<TokenRecord>> RevokeAsync(string tokenId, CancellationToken cancellationToken)
    {
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        TokenEntry entry;
        try
        {
            if (await EntryAsync(tokenId, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                return AccessErrors.TokenNotFound(tokenId);
            }

            entry = found;
            await _store.RevokeAsync(tokenId, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            entry.Token = entry.Token with { Revoked = true };
        }
        finally
        {
            _mutations.Release();
        }

        RaiseChanged(tokenId);
        return entry.Token;
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

    private UserRecord NewUser(string name) => new(Secret.NewId("u_"), name, _time.Milliseconds());

    private static string NewTokenId() => Secret.NewId("t_");

    // What the database keeps, so that a token is the same before and after a restart.
    private static DateTimeOffset Milliseconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());

    private static SyncError? CheckIssue(string? label, TimeSpan? expiresIn) =>
        CheckLabel(label) ?? (expiresIn < s_shortestLife || expiresIn > s_longestLife ? AccessErrors.InvalidExpiry : null);

    private static SyncError? CheckLabel(string? label) => label is { Length: > 0 } && !Names.IsTitle(label, 200) ? AccessErrors.InvalidLabel : null;
}
