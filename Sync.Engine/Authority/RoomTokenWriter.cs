using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <summary>A room's own tokens, which belong to no user and die with the room: made, listed and ended, database first, then memory, then the listeners.</summary>
internal sealed class RoomTokenWriter(TokenCache tokens, AccessStore store, TimeProvider time)
{
    // Of a room's own tokens with one scope: links to read it, room tokens, tokens of one agent.
    private const int MaxOfAKind = 20;

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
        var presented = tokens.Current(maker) ?? maker.Token;
        var token = new LegacyToken(TokenIssue.NewId(), Secret.Hash(secret).ToBytes(), scope, time.UtcNowToMillisecond())
        {
            OnBehalfOf = presented?.User?.Id ?? presented?.OnBehalfOf,
            Maker = presented?.Maker,
            JoinedBy = presented?.JoinedBy,
            Parent = presented is { Kind: CredentialKind.Token } ? presented.Id : null,
            ExpiresAt = presented is null ? null : TokenWriter.EndOf(presented),
        };
        return (secret, token);
    }

    /// <summary>Honours tokens that were stored with their new room.</summary>
    public void Adopt(RoomRecord room, params ReadOnlySpan<LegacyToken> made)
    {
        foreach (var token in made)
        {
            tokens.Adopt(token.ToRecord(room.Row), lastUsedAt: null);
        }
    }

    /// <summary>Stores and honours one of a room's own tokens. Of many with the same scope the ones that were idle longest are removed.</summary>
    /// <remarks>Errors: <c>invalid_token</c> when the token that makes it was revoked meanwhile.</remarks>
    public async Task<Outcome<TokenRecord>> AddRoomTokenAsync(RoomRecord room, LegacyToken token, CancellationToken cancellationToken)
    {
        var record = token.ToRecord(room.Row);
        IReadOnlyList<string> removed;
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await store.AddRoomTokenAsync(record, MaxOfAKind, time.GetUtcNow(), cancellationToken).ConfigureAwait(false) is not { } stored)
            {
                return AccessErrors.UnknownToken;
            }

            removed = stored;
            Adopt(room, token);
            foreach (var id in removed)
            {
                if (tokens.TryGet(id, out var entry))
                {
                    tokens.Forget(entry);
                }
            }
        }

        tokens.RaiseChanged(removed);
        return record;
    }

    /// <summary>
    /// Mints an agent's own token (<c>as_…</c>), which acts as that agent in that room and nothing else.
    /// </summary>
    /// <param name="room">The room.</param>
    /// <param name="agent">Which agent.</param>
    /// <param name="maker">Whose join it was: <see cref="Caller.Anonymous"/> for one that is nobody's.</param>
    /// <param name="behalf">The user the agent is linked to, whose role limits it; null for the maker's.</param>
    /// <param name="joiner">Who presented themselves, also where it is nobody's join: a user known to be behind that is kept.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <returns>The secret, shown this once.</returns>
    /// <remarks>Errors: <c>invalid_token</c> when the token that makes it was revoked meanwhile.</remarks>
    public async Task<Outcome<string>> MintAgentTokenAsync(RoomRecord room, AgentBinding agent, Caller maker, string? behalf, Caller joiner, CancellationToken cancellationToken)
    {
        var (secret, token) = NewLegacyToken(Secret.AgentPrefix, Scope.Of(room.Id, AccessLevel.Write, agent.Agent), maker);
        var presented = maker.IsAnonymous ? tokens.Current(joiner) ?? joiner.Token : null;
        token = token.For(behalf) with
        {
            Agents = token.Agents.SetItem(room.Id, agent),
            JoinedBy = token.JoinedBy ?? presented?.User?.Id ?? presented?.OnBehalfOf ?? presented?.JoinedBy,
        };
        return (await AddRoomTokenAsync(room, token, cancellationToken).ConfigureAwait(false)).Try(out _, out var error) ? secret : error;
    }

    /// <summary>
    /// Ends what acts as an agent that was removed: its own tokens, and that users' tokens act as it. Tokens of another agent that has the id by now are not among them.
    /// A token that is missed, because the server stops in between, acts as nobody (<see cref="RoomAccess.BoundSince"/>).
    /// </summary>
    public async Task EndAgentAsync(RoomRecord room, AgentBinding agent, CancellationToken cancellationToken)
    {
        List<string> ended = [];
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var entry in tokens.All.Where(entry => Acts(entry.Token)).ToList())
            {
                ended.Add(entry.Token.Id);
                if (entry.Token.User is null)
                {
                    await store.RemoveTokenAsync(entry.Token.Id, cancellationToken).ConfigureAwait(false);
                    tokens.Forget(entry);
                }
                else
                {
                    var free = entry.Token with { Agents = entry.Token.Agents.Remove(room.Id) };
                    await store.UpdateTokenAsync(free, cancellationToken).ConfigureAwait(false);
                    entry.Token = free;
                }
            }
        }

        tokens.RaiseChanged(ended);

        bool Acts(TokenRecord token) => token.Agents.TryGetValue(room.Id, out var bound)
            ? bound == agent
            : agent.Since == 0 && token.RoomRow == room.Row && token.Scope.AgentFor(room.Id) == agent.Agent;
    }

    /// <summary>
    /// Forgets a deleted room: its own tokens, and which agents users' tokens were there. The database has forgotten already
    /// (<see cref="RoomStore.DeleteAsync"/>).
    /// </summary>
    public async Task ForgetAsync(RoomRecord room, CancellationToken cancellationToken)
    {
        List<string> forgotten = [];
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var entry in tokens.All)
            {
                var token = entry.Token;
                if (token.RoomRow == room.Row)
                {
                    tokens.Forget(entry);
                    forgotten.Add(token.Id);
                }
                else if (token.Agents.ContainsKey(room.Id))
                {
                    entry.Token = token with { Agents = token.Agents.Remove(room.Id) };
                }
            }
        }

        tokens.RaiseChanged(forgotten);
    }

    /// <summary>A room's own tokens, newest first, dead ones of the last 30 days among them.</summary>
    public async Task<IReadOnlyList<ListedToken>> ListRoomTokensAsync(RoomRecord room, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var stored = await store.ListRoomTokensAsync(room.Row, now, now - TokenWriter.Remembered, cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(tokens.WithUse)];
    }
}
