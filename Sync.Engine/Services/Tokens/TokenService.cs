using Sync.Engine.Authority;
using Sync.Engine.Authority.Delegation;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Tokens;

/// <summary>
/// A user's tokens. The rule of all of it: nothing a caller makes or changes may do more than the caller itself, nor for longer
/// (<c>scope_exceeds_token</c>), nor more than its user may at this moment (<c>scope_exceeds_access</c>); a session may whatever its user may.
/// What a token mints ends with it, unless a person keeps it. A token manages itself and what it minted, with <c>rooms:*</c> all of its user's; it widens
/// nothing but what ends with it. What only reads manages nothing.
/// </summary>
public sealed class TokenService
{
    private const int LongestChallenge = 2_000;

    private readonly IdentityCache _access;
    private readonly RoomDirectory _directory;
    private readonly Delegation _delegation;
    private readonly Holdings _holdings;

    internal TokenService(IdentityCache access, RoomDirectory directory, Delegation delegation, Holdings holdings)
    {
        _holdings = holdings;
        _access = access;
        _directory = directory;
        _delegation = delegation;
    }

    /// <summary>Mints a token. One that ends mints none that outlives it: without a life time of its own the new one ends with it.</summary>
    /// <remarks>
    /// Errors: <c>authentication_required</c>; <c>identity_mismatch</c> for a token without a user; <c>invalid_scope</c>, <c>invalid_parameter</c>;
    /// <c>scope_exceeds_token</c>, <c>scope_exceeds_access</c>.
    /// </remarks>
    public async Task<Outcome<IssuedToken>> MintAsync(Caller caller, MintToken request, CancellationToken cancellationToken) =>
        (await PlanAsync(caller, request).ConfigureAwait(false)).Try(out var mint, out var error)
            ? await _access.Tokens.IssueAsync(mint.Delegator.User, mint.Scope, mint.Request, mint.Delegator.IsSession ? null : mint.Delegator.Token.Id, cancellationToken).ConfigureAwait(false)
            : error;

    /// <summary>What <see cref="MintAsync"/> would refuse now, or null: for who offers it. Mints nothing.</summary>
    public async Task<SyncError?> MintRefusalAsync(Caller caller, MintToken request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await PlanAsync(caller, request).ConfigureAwait(false)).Error;
    }

    /// <summary>One of the tokens the caller manages.</summary>
    /// <remarks>Errors: as <see cref="ListAsync"/>, and <c>token_not_found</c>, also for tokens of others.</remarks>
    public async Task<Outcome<TokenInfo>> GetAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        (await FindManagedAsync(caller, id, cancellationToken).ConfigureAwait(false)).Try(out var managed, out var error) ? Info(managed.Token) : error;

    /// <summary>The tokens the caller manages, newest first; revoked and expired ones of the last 30 days among them. Never a session, never a secret.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>identity_mismatch</c>, <c>read_only_token</c>.</remarks>
    public async Task<Outcome<IReadOnlyList<TokenInfo>>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (!_delegation.DelegatorOf(caller).Try(out var delegator, out var error))
        {
            return error;
        }

        var tokens = await _access.Tokens.ListTokensAsync(delegator.User, cancellationToken).ConfigureAwait(false);
        var below = delegator.ManagesAll ? null : await _access.Tokens.BelowAsync(delegator.Token.Id, cancellationToken).ConfigureAwait(false);
        return Outcome<IReadOnlyList<TokenInfo>>.Of([.. tokens.Where(token => below is null || below.Contains(token.State.Token.Id)).Select(Listed)]);
    }

    /// <summary>
    /// Changes scope or label; null leaves as it is. Holds from the next request on, for parked waits, streams and open pages within a second. A token takes from
    /// any token it manages, and gives to what ends with it only.
    /// </summary>
    /// <remarks>Errors: as <see cref="MintAsync"/>, and <c>token_not_found</c>, also for tokens of others.</remarks>
    public async Task<Outcome<TokenChanged>> ChangeAsync(Caller caller, string id, string? scope, string? label, CancellationToken cancellationToken)
    {
        if (!(await FindManagedAsync(caller, id, cancellationToken).ConfigureAwait(false)).Try(out var managed, out var error))
        {
            return error;
        }

        Scope? parsed = null;
        if (scope is not null)
        {
            if (!Scope.Parse(scope).Try(out parsed, out error))
            {
                return error;
            }

            if (await CheckAsync(managed.Delegator, parsed).ConfigureAwait(false) is { } refused)
            {
                return refused;
            }
        }

        var before = managed.Token.State;
        return (await _access.Tokens.ChangeAsync(id, parsed, label, token => CheckNow(caller, token, managed.IsBelow, parsed), cancellationToken).ConfigureAwait(false)).Try(out var changed, out error)
            ? new TokenChanged(TokenInfo.Of(changed, before.LastUsedAt, managed.Token.Refreshable), before.Token.Scope.Text)
            : error;
    }

    /// <summary>
    /// A person keeps a token: it no longer ends with what minted it. Where it had no end of its own but that of the token before it, it has none now.
    /// No effect on one that a person made.
    /// </summary>
    /// <param name="caller">A session of the token's user.</param>
    /// <param name="id">The token, which must still live.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>person_required</c> for a token, whatever its scope; <c>token_not_found</c>.</remarks>
    public async Task<Outcome<TokenInfo>> KeepAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!_delegation.DelegatorOf(caller).Try(out var delegator, out var error))
        {
            return error;
        }

        if (!delegator.IsSession)
        {
            return ScopeErrors.NeedsPerson;
        }

        if (!(await FindManagedAsync(caller, id, cancellationToken).ConfigureAwait(false)).Try(out var managed, out error))
        {
            return error;
        }

        if (!_access.Tokens.IsOfUse(managed.Token))
        {
            return AccessErrors.TokenNotFound(Identifiers.Shown(id));
        }

        return (await _access.Tokens.KeepAsync(id, cancellationToken).ConfigureAwait(false)).Try(out var kept, out error)
            ? TokenInfo.Of(kept, managed.Token.State.LastUsedAt, managed.Token.Refreshable)
            : error;
    }

    /// <summary>Revokes a token, what refreshes it and what it minted. Again changes nothing.</summary>
    /// <remarks>Errors: as <see cref="ChangeAsync"/>.</remarks>
    public async Task<Outcome<TokenInfo>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!(await FindManagedAsync(caller, id, cancellationToken).ConfigureAwait(false)).Try(out var managed, out var error))
        {
            return error;
        }

        return (await _access.Tokens.RevokeAsync(id, cancellationToken).ConfigureAwait(false)).Try(out var revoked, out error)
            ? TokenInfo.Of(revoked, managed.Token.State.LastUsedAt, refreshable: false)
            : error;
    }

    /// <summary>
    /// Exchanges a refresh token for new secrets of the same token: same id, scope as it stands now, same agents. The secrets before are dead. The same refresh
    /// token again within 30 seconds, before the next one is used, gives the same pair: two sessions of one program, or an answer that was lost. At any other
    /// time it revokes the token and what that minted: one of its two holders is a thief.
    /// </summary>
    /// <param name="refreshToken"><c>ref_…</c>; the proof, so there is no caller.</param>
    /// <param name="clientId">The client that asks, or null; a token issued to a client is refreshed by that client only when one is named.</param>
    /// <param name="scope">A narrower scope to continue with, or null. It narrows the token for good.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>invalid_token</c>; <c>invalid_scope</c>, <c>scope_exceeds_token</c>.</remarks>
    public async Task<Outcome<IssuedToken>> RefreshAsync(string refreshToken, string? clientId, string? scope, CancellationToken cancellationToken)
    {
        Scope? narrower = null;
        return scope is not null && !Scope.Parse(scope).Try(out narrower, out var error)
            ? error
            : await _access.Tokens.RefreshAsync(refreshToken, clientId, narrower, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Revokes by secret, access or refresh (RFC 7009): the token and what refreshes it die. Unknown secrets, and those of another client, are passed over in
    /// silence (§2.2).
    /// </summary>
    public async Task RevokeSecretAsync(string secret, string? clientId, CancellationToken cancellationToken)
    {
        if (await _access.Tokens.FindBySecretAsync(secret, cancellationToken).ConfigureAwait(false) is { } token
            && (clientId is null || token.ClientId is null || clientId == token.ClientId))
        {
            await _access.Tokens.RevokeAsync(token.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What an elevation would do, for the consent page. Needs a session of the token's own user.</summary>
    /// <param name="caller">A session.</param>
    /// <param name="tokenId">The token to widen.</param>
    /// <param name="room">The room to add.</param>
    /// <param name="level">How much of it.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <remarks>Errors: <c>authentication_required</c>, <c>token_not_found</c> (also for a token of another user), <c>scope_exceeds_access</c> when the user's own role does not reach that far.</remarks>
    public async Task<Outcome<Elevation>> ElevationAsync(Caller caller, string tokenId, string room, AccessLevel level, CancellationToken cancellationToken)
    {
        if (!_delegation.SessionOf(caller).Try(out var delegator, out var error))
        {
            return error;
        }

        if (level < AccessLevel.Read)
        {
            return ScopeErrors.InvalidMint("level", "That level adds nothing.", "level is read, write or admin.");
        }

        if (await _access.Tokens.FindListedTokenAsync(tokenId, cancellationToken).ConfigureAwait(false) is not { } found
            || !IsTokenOf(delegator.User, found.State.Token)
            || !_access.Tokens.IsOfUse(found))
        {
            return AccessErrors.TokenNotFound(Identifiers.Shown(tokenId));
        }

        // Where whoever knows the room may come in, a token may be widened to do so before its user has a role there.
        var held = _delegation.LevelOf(delegator.User, room);
        if (!_directory.TryFind(room, out var record) || (held < level && (held > AccessLevel.None || level > AccessLevel.Write || record.Join != JoinPolicy.Open || record.Removed.Contains(delegator.User.Id))))
        {
            return ScopeErrors.ExceedsAccess(room, level, held);
        }

        // A scope that binds an agent in the room goes on binding it, unless the person gives full access, which is that of any agent.
        var before = found.State.Token.Scope;
        var after = before.With(room, level, agent: null);
        return new Elevation(Info(found), room, record.Name, level, Scope.TextOf(room, level, agent: null), after.Text, AlreadyHeld: before.Text == after.Text);
    }

    /// <summary>Adds a room to a token after its user's consent.</summary>
    /// <remarks>Errors: as <see cref="ElevationAsync"/>.</remarks>
    public async Task<Outcome<Elevation>> ElevateAsync(Caller caller, string tokenId, string room, AccessLevel level, CancellationToken cancellationToken)
    {
        if (!(await ElevationAsync(caller, tokenId, room, level, cancellationToken).ConfigureAwait(false)).Try(out var elevation, out var error))
        {
            return error;
        }

        return (await _access.Tokens.WidenAsync(tokenId, room, level, cancellationToken).ConfigureAwait(false)).Try(out var widened, out error)
            ? elevation with { Token = TokenInfo.Of(widened, elevation.Token.LastUsedAt, elevation.Token.Refreshable), ScopeAfter = widened.Scope.Text }
            : error;
    }

    /// <summary>
    /// What an OAuth client asks its user for when its token lacks something: that, and what the token has by now. A client cannot know of the rooms its token got since it was
    /// issued, and would lose them with the next one.
    /// </summary>
    /// <param name="caller">The caller that was refused.</param>
    /// <param name="missing">The scope that would have done.</param>
    public string ScopeToAsk(Caller caller, string missing) =>
        Scope.Parse($"{_access.ScopeOf(caller).Text} {missing}".TrimStart()).Try(out var whole, out _) && whole.Text.Length <= LongestChallenge ? whole.Text : missing;

    /// <summary>
    /// What a user could grant out of what was asked: each asked part narrowed to what the caller holds, parts without any of it left out. For pages where a
    /// person picks.
    /// </summary>
    /// <param name="caller">A session.</param>
    /// <param name="asked">Scope text, as a client sent it; null or empty asks for <c>rooms:* create_rooms</c>.</param>
    /// <remarks>Errors: <c>authentication_required</c>, <c>invalid_scope</c>.</remarks>
    public Outcome<GrantableScope> Grantable(Caller caller, string? asked)
    {
        if (!_delegation.SessionOf(caller).Try(out var delegator, out var error)
            || !ScopeWords.Requested(asked).Try(out var scope, out error))
        {
            return error;
        }

        return _delegation.GrantableBy(delegator.User, scope);
    }

    // What a mint comes to, or why there is none.
    private async Task<Outcome<PlannedMint>> PlanAsync(Caller caller, MintToken request)
    {
        if (!_delegation.DelegatorOf(caller).Try(out var delegator, out var error)
            || !MintScope.Of(request, delegator, room => _delegation.LevelOf(delegator.User, room)).Try(out var scope, out error))
        {
            return error;
        }

        // A session ends too, but it is a person: what they make for their programs goes on.
        if (_access.Tokens.LifeLeft(delegator.Token) is { } left)
        {
            if (request.WithRefresh || request.ExpiresIn > left)
            {
                return ScopeErrors.Outlives(left);
            }

            request = request with { ExpiresIn = request.ExpiresIn ?? left };
        }

        return await CheckAsync(delegator, scope).ConfigureAwait(false) is { } refused ? refused : new PlannedMint(delegator, scope, request);
    }

    // Roles need no second look: they are asked again at each use of the token.
    private SyncError? CheckNow(Caller caller, TokenRecord token, bool isBelow, Scope? asked) =>
        !_delegation.DelegatorOf(caller).Try(out var delegator, out var gone) ? gone
        : !isBelow && !delegator.ManagesAll ? ScopeErrors.NotManaged(token.Id)
        : asked is null ? null
        : Delegation.CheckToken(delegator, asked) is { } refused ? refused
        : isBelow || delegator.IsSession || token.Scope.Covers(asked) ? null
        : ScopeErrors.OutlivesLineage(token.Id);

    private async ValueTask<SyncError?> CheckAsync(Delegator delegator, Scope scope) =>
        Delegation.CheckToken(delegator, scope) ?? await _delegation.CheckAccessAsync(delegator.User, scope).ConfigureAwait(false);

    private async Task<Outcome<Managed>> FindManagedAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!_delegation.DelegatorOf(caller).Try(out var delegator, out var error))
        {
            return error;
        }

        if (await _access.Tokens.FindListedTokenAsync(id, cancellationToken).ConfigureAwait(false) is not { } found || !IsTokenOf(delegator.User, found.State.Token))
        {
            return AccessErrors.TokenNotFound(Identifiers.Shown(id));
        }

        var isBelow = !delegator.IsSession && await _access.Tokens.IsBelowAsync(id, delegator.Token.Id, cancellationToken).ConfigureAwait(false);
        return isBelow || delegator.ManagesAll ? new Managed(delegator, found, isBelow) : ScopeErrors.NotManaged(id);
    }

    private static bool IsTokenOf(UserRecord user, TokenRecord token) => token.Kind == CredentialKind.Token && token.RoomRow is null && token.User?.Id == user.Id;

    private TokenInfo Listed(ListedToken listed) => Info(listed) with { OpenNow = _holdings.StreamsOf(listed.State.Token.Id) };

    private static TokenInfo Info(ListedToken listed) => TokenInfo.Of(listed.State.Token, listed.State.LastUsedAt, listed.Refreshable);

    /// <summary>A token that may be minted.</summary>
    private sealed record PlannedMint(Delegator Delegator, Scope Scope, MintToken Request);

    /// <summary>A token that somebody manages.</summary>
    /// <param name="Delegator">Who.</param>
    /// <param name="Token">The token.</param>
    /// <param name="IsBelow">Whether it is the holder's own token or one that it minted.</param>
    private sealed record Managed(Delegator Delegator, ListedToken Token, bool IsBelow);
}
