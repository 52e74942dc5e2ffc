namespace Sync.Engine;

/// <summary>
/// A user's tokens. The rule of all of it: nothing a caller makes or changes may do more than the caller itself
/// (<c>scope_exceeds_token</c>) nor than its user may at this moment (<c>scope_exceeds_access</c>); a session may whatever its user may.
/// A caller manages the tokens of its own user that it could have minted, and itself.
/// </summary>
public sealed class TokenDoor
{
    /// <summary>Mints a token.</summary>
    /// <remarks>
    /// Errors: <c>authentication_required</c>; <c>identity_mismatch</c> for a token without a user; <c>invalid_scope</c>, <c>invalid_parameter</c>;
    /// <c>scope_exceeds_token</c>, <c>scope_exceeds_access</c>.
    /// </remarks>
    public Task<Outcome<IssuedToken>> MintAsync(Caller caller, MintToken request, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The tokens the caller manages, newest first; revoked and expired ones of the last 30 days among them. Never a session, never a secret.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>identity_mismatch</c>.</remarks>
    public Task<Outcome<IReadOnlyList<TokenInfo>>> ListAsync(Caller caller, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Changes scope or label; null leaves as it is. Holds from the next request on, for parked waits, streams and open pages within a second.</summary>
    /// <remarks>Errors: as <see cref="MintAsync"/>, and <c>token_not_found</c>, also for tokens of others.</remarks>
    public Task<Outcome<TokenChanged>> ChangeAsync(Caller caller, string id, string? scope, string? label, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Revokes a token and what refreshes it. Again changes nothing.</summary>
    /// <remarks>Errors: as <see cref="ChangeAsync"/>.</remarks>
    public Task<Outcome<TokenInfo>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Exchanges a refresh token for new secrets of the same token: same id, scope as it stands now, same agents. The secrets before are dead. A refresh token
    /// that was used already revokes the token: one of its two holders is a thief.
    /// </summary>
    /// <param name="refreshToken"><c>ref_…</c>; the proof, so there is no caller.</param>
    /// <param name="clientId">The client that asks, or null; a token issued to a client is refreshed by that client only when one is named.</param>
    /// <param name="scope">A narrower scope to continue with, or null. It narrows the token for good.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>invalid_token</c>; <c>invalid_scope</c>, <c>scope_exceeds_token</c>.</remarks>
    public Task<Outcome<IssuedToken>> RefreshAsync(string refreshToken, string? clientId, string? scope, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Revokes by secret, access or refresh (RFC 7009): the token and what refreshes it die. Unknown secrets, and those of another client, are passed over in
    /// silence (§2.2).
    /// </summary>
    public Task RevokeSecretAsync(string secret, string? clientId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What an elevation would do, for the consent page. Needs a session of the token's own user.</summary>
    /// <param name="caller">A session.</param>
    /// <param name="tokenId">The token to widen.</param>
    /// <param name="room">The room to add.</param>
    /// <param name="level">How much of it.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <remarks>Errors: <c>authentication_required</c>, <c>token_not_found</c> (also for a token of another user), <c>scope_exceeds_access</c> when the user's own role does not reach that far.</remarks>
    public Task<Outcome<Elevation>> ElevationAsync(Caller caller, string tokenId, string room, AccessLevel level, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Adds a room to a token after its user's consent.</summary>
    /// <remarks>Errors: as <see cref="ElevationAsync"/>.</remarks>
    public Task<Outcome<Elevation>> ElevateAsync(Caller caller, string tokenId, string room, AccessLevel level, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// What a user could grant out of what was asked: each asked part narrowed to what the caller holds, parts without any of it left out. For pages where a
    /// person picks.
    /// </summary>
    /// <param name="caller">A session.</param>
    /// <param name="asked">Scope text, as a client sent it; null or empty asks for <c>rooms:* create_rooms</c>.</param>
    /// <remarks>Errors: <c>authentication_required</c>, <c>invalid_scope</c>.</remarks>
    public Outcome<GrantableScope> Grantable(Caller caller, string? asked) => throw new NotImplementedException();
}
