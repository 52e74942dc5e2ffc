using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Tokens;

/// <summary>
/// A room's own tokens: <c>room_</c> (full access), <c>view_</c> (reads), <c>as_</c> (acts as one agent). They come from the room's creation and from joins, carry who
/// made them, end with that user's role and with the token that minted them, and are listed, replaced and revoked here: all of them by an owner, an agent's by whoever may
/// act as that agent.
/// </summary>
public sealed class RoomTokenService
{
    private readonly RoomAuthorizer _authorizer;
    private readonly IdentityCache _access;
    private readonly Holdings _holdings;
    private readonly TimeProvider _time;

    internal RoomTokenService(RoomAuthorizer authorizer, IdentityCache access, Holdings holdings, TimeProvider time)
    {
        _holdings = holdings;
        _authorizer = authorizer;
        _access = access;
        _time = time;
    }

    /// <summary>The room's own tokens that the caller manages, newest first; dead ones of the last 30 days among them. Never a secret.</summary>
    /// <remarks>Errors: as for write access.</remarks>
    public async Task<Outcome<IReadOnlyList<RoomTokenInfo>>> ListAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var tokens = await _access.RoomTokens.ListRoomTokensAsync(authorized.Record, cancellationToken).ConfigureAwait(false);
        return Outcome<IReadOnlyList<RoomTokenInfo>>.Of([.. tokens.Where(token => Manages(authorized, token.State.Token)).Select(Listed)]);
    }

    /// <summary>
    /// Makes one more, or one in the place of another: that one is revoked, with what it minted. It ends with the token that makes it, and no later; one that replaces
    /// the very token that makes it, or what minted that, ends with what minted the replaced one.
    /// </summary>
    /// <remarks>
    /// Errors: as for write access, <c>room_token_required</c> for what only full access makes; <c>agent_not_found</c>, <c>identity_mismatch</c>; <c>scope_exceeds_token</c>
    /// for one that would live longer; <c>token_not_found</c> for what is to be replaced; <c>invalid_parameter</c>.
    /// </remarks>
    public async Task<Outcome<RoomTokenMade>> MintAsync(Caller caller, string room, MintRoomToken request, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, request.Kind == RoomTokenKind.Agent ? AccessLevel.Write : AccessLevel.Admin).ConfigureAwait(false)).Try(out var authorized, out var error)
            || (error = Check(authorized, request)) is not null)
        {
            return error;
        }

        var presented = _access.Current(caller) ?? caller.Token;
        if (!(await FindReplacedAsync(authorized, room, request, cancellationToken).ConfigureAwait(false)).Try(out var replaced, out error))
        {
            return error;
        }

        var end = presented is null ? null : TokenWriter.EndOf(presented);
        if (request.ExpiresIn is { } life)
        {
            var asked = _time.GetUtcNow() + life;
            if (end < asked)
            {
                return ScopeErrors.Outlives(end.Value - _time.GetUtcNow());
            }

            end = asked;
        }

        var (prefix, scope) = request.Kind switch
        {
            RoomTokenKind.Room => (Secret.RoomPrefix, Scope.Of(room, AccessLevel.Admin)),
            RoomTokenKind.View => (Secret.ViewPrefix, Scope.Of(room, AccessLevel.Read)),
            _ => (Secret.AgentPrefix, Scope.Of(room, AccessLevel.Write, request.Agent)),
        };
        var (secret, token) = _access.RoomTokens.NewLegacyToken(prefix, scope, caller);
        token = token with { ExpiresAt = end, SeesPrivate = request.SeesPrivate, Label = request.Label ?? replaced?.State.Token.Label };
        if (request.Agent is { } named && authorized.Room.Published.Agents.TryGetValue(named, out var agent))
        {
            // What acts as a user's agent ends with that user's role, and with that of whoever asked for it.
            token = token.For(agent.User) with { Agents = token.Agents.SetItem(room, agent.Binding) };
        }

        // What takes the place of its own maker must not end with it.
        if (replaced?.State.Token is { } before && token.Parent is { } parent && await _access.Tokens.IsBelowAsync(parent, before.Id, cancellationToken).ConfigureAwait(false))
        {
            token = token with { Parent = before.Parent };
        }

        if (!(await _access.RoomTokens.AddRoomTokenAsync(authorized.Record, token, cancellationToken).ConfigureAwait(false)).Try(out var stored, out error))
        {
            return error;
        }

        if (replaced is not null)
        {
            // The new one is there: whoever hangs up now must not keep two.
            await _access.Tokens.RevokeAsync(replaced.State.Token.Id, CancellationToken.None).ConfigureAwait(false);
        }

        return new RoomTokenMade(Info(new ListedToken(new StoredTokenState(stored, LastUsedAt: null), Refreshable: false)), secret);
    }

    // The token whose place the new one takes; null where it takes nobody's.
    private async Task<Outcome<ListedToken?>> FindReplacedAsync(AuthorizedRoom authorized, string room, MintRoomToken request, CancellationToken cancellationToken)
    {
        if (request.Replaces is not { } id)
        {
            return default(Outcome<ListedToken?>);
        }

        if (!(await FindAsync(authorized, id, cancellationToken).ConfigureAwait(false)).Try(out var replaced, out var error))
        {
            return error;
        }

        return KindOf(replaced.State.Token) != request.Kind || (request.Kind == RoomTokenKind.Agent && replaced.State.Token.Scope.AgentFor(room) != request.Agent)
            ? ScopeErrors.InvalidMint("replaces", "A token is replaced by one of its kind, and an agent's by one of the same agent.", "Leave replaces out and revoke the other one.")
            : replaced;
    }

    /// <summary>Revokes one of the room's own tokens and what it minted. Again changes nothing.</summary>
    /// <remarks>Errors: as for write access; <c>token_not_found</c>, also for one that the caller does not manage.</remarks>
    public async Task<Outcome<RoomTokenInfo>> RevokeAsync(Caller caller, string room, string id, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !(await FindAsync(authorized, id, cancellationToken).ConfigureAwait(false)).Try(out var found, out error))
        {
            return error;
        }

        return (await _access.Tokens.RevokeAsync(id, cancellationToken).ConfigureAwait(false)).Try(out var revoked, out error)
            ? Info(found with { State = found.State with { Token = revoked } })
            : error;
    }

    private static SyncError? Check(AuthorizedRoom authorized, MintRoomToken request)
    {
        if (request.Label is { Length: > 200 })
        {
            return AccessErrors.InvalidLabel;
        }

        if (request.ExpiresIn < TimeSpan.FromSeconds(1) || request.ExpiresIn > TimeSpan.FromDays(36_525))
        {
            return AccessErrors.InvalidExpiry;
        }

        if (request.SeesPrivate && request.Kind != RoomTokenKind.View)
        {
            return ScopeErrors.InvalidMint("private", "Only a link that reads is made to show private scopes or not to.", "Leave private out.");
        }

        if (request.Kind != RoomTokenKind.Agent)
        {
            return request.Agent is null ? null : ScopeErrors.InvalidMint("agent", "Only an agent's token names an agent.", "Leave agent out, or ask for the kind agent.");
        }

        if (request.Agent is not { } name)
        {
            return ScopeErrors.InvalidMint("agent", "An agent's token needs its agent.", "Name the agent.");
        }

        var state = authorized.Room.Published;
        return !state.Agents.TryGetValue(name, out var agent) ? AgentErrors.Unknown(state, name)
            : ManagesAgent(authorized, agent) ? null
            : new SyncError(ErrorCode.IdentityMismatch, $"This token may not act as '{name}'.") { Hint = "Use that agent's own token, or ask an owner of the room." }.With("agent", name);
    }

    private async Task<Outcome<ListedToken>> FindAsync(AuthorizedRoom authorized, string id, CancellationToken cancellationToken) =>
        await _access.Tokens.FindListedTokenAsync(id, cancellationToken).ConfigureAwait(false) is { } found && found.State.Token.RoomRow == authorized.Record.Row && Manages(authorized, found.State.Token)
            ? found
            : AccessErrors.RoomTokenNotFound(Identifiers.Shown(id));

    private static bool Manages(AuthorizedRoom authorized, TokenRecord token) =>
        authorized.Access.Level == AccessLevel.Admin
        || (token.Scope.AgentFor(authorized.Record.Id) is { } name && authorized.Room.Published.Agents.TryGetValue(name, out var agent) && ManagesAgent(authorized, agent));

    // One rule for listing, making and ending an agent's tokens: with full access those of all, whomever the token itself acts as since its own join; else those of whom one may act as.
    private static bool ManagesAgent(AuthorizedRoom authorized, AgentRecord agent) => authorized.Access.Level == AccessLevel.Admin || authorized.Holds(agent);

    // A room's own token has one grant, that in its room.
    private static RoomTokenKind KindOf(TokenRecord token)
    {
        var room = token.Scope.Rooms.First();
        return token.Scope.AgentFor(room) is not null ? RoomTokenKind.Agent
            : token.Scope.LevelFor(room) == AccessLevel.Admin ? RoomTokenKind.Room
            : RoomTokenKind.View;
    }

    private RoomTokenInfo Listed(ListedToken listed) => Info(listed) with { OpenNow = _holdings.StreamsOf(listed.State.Token.Id) };

    private RoomTokenInfo Info(ListedToken listed)
    {
        var token = listed.State.Token;
        return new RoomTokenInfo
        {
            Id = token.Id,
            Kind = KindOf(token),
            Agent = token.Scope.AgentFor(token.Scope.Rooms.First()),
            SeesPrivate = token.SeesPrivate,
            Label = token.Label,
            MadeBy = (token.Maker ?? token.OnBehalfOf) is { } maker ? _access.Users.UserById(maker)?.Name : null,
            ParentId = token.Parent,
            CreatedAt = token.CreatedAt,
            LastUsedAt = listed.State.LastUsedAt,
            ExpiresAt = token.ExpiresAt,
            Revoked = token.Revoked,
        };
    }
}

/// <summary>The kinds of a room's own tokens.</summary>
public enum RoomTokenKind
{
    /// <summary><c>room_</c>: full access.</summary>
    Room,
    /// <summary><c>view_</c>: reads.</summary>
    View,
    /// <summary><c>as_</c>: acts as one agent.</summary>
    Agent,
}

/// <summary>One of a room's own tokens to make.</summary>
public sealed record MintRoomToken
{
    /// <summary>What for.</summary>
    public required RoomTokenKind Kind { get; init; }

    /// <summary>The agent, for an agent's token.</summary>
    public string? Agent { get; init; }

    /// <summary>Whether a link that reads shows private scopes too.</summary>
    public bool SeesPrivate { get; init; }

    /// <summary>What whoever makes it calls it, at most 200 characters.</summary>
    public string? Label { get; init; }

    /// <summary>How long it lives; null as long as what makes it.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>The id of the token whose place it takes, or null.</summary>
    public string? Replaces { get; init; }
}

/// <summary>One of a room's own tokens; never its secret.</summary>
public sealed record RoomTokenInfo
{
    /// <summary>Its id, which is no secret.</summary>
    public required string Id { get; init; }

    /// <summary>What it is for.</summary>
    public required RoomTokenKind Kind { get; init; }

    /// <summary>The agent it acts as, or null.</summary>
    public string? Agent { get; init; }

    /// <summary>Whether a link that reads shows private scopes too.</summary>
    public bool SeesPrivate { get; init; }

    /// <summary>What whoever made it calls it.</summary>
    public string? Label { get; init; }

    /// <summary>The name of the user who made it, with whose role it ends; null where nobody is known to have.</summary>
    public string? MadeBy { get; init; }

    /// <summary>The token that minted it, and with which it ends; null for what a person made.</summary>
    public string? ParentId { get; init; }

    /// <summary>When made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When last presented, or null.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it ends by itself, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How many pages and streams are open with it at this moment, in the process that was asked; only in lists.</summary>
    public int OpenNow { get; init; }

    /// <summary>Whether it was revoked.</summary>
    public required bool Revoked { get; init; }
}

/// <summary>One of a room's own tokens with its secret, shown this once.</summary>
/// <param name="Info">The token.</param>
/// <param name="Secret"><c>room_…</c>, <c>view_…</c> or <c>as_…</c></param>
public sealed record RoomTokenMade(RoomTokenInfo Info, string Secret);
