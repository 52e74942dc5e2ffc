using System.Collections.Immutable;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>A user's tokens: mint, list, narrow, revoke, refresh.</summary>
internal static class TokenEndpoints
{
    private static readonly string[] s_mintFields = ["scope", "label", "expires_in", "agent_id", "room_id", "with_refresh"];
    private static readonly string[] s_changeFields = ["scope", "label", "keep"];
    private static readonly string[] s_refreshFields = ["refresh_token", "scope"];

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "POST", Pattern = "/tokens", Name = "mintToken", Group = "Tokens",
            Summary = "Mint a token that may do no more than the one presented",
            Description = "`token` and `refresh_token` are shown this once. A token without `expires_in` lives until it is revoked. It ends with the token that mints it, unless a signed-in person keeps it.",
            Body = "MintToken", Success = StatusCodes.Status201Created, Answer = "TokenMinted",
            Errors = [ErrorCode.IdentityMismatch, ErrorCode.ReadOnlyToken, ErrorCode.InvalidScope, ErrorCode.ScopeExceedsToken, ErrorCode.ScopeExceedsAccess],
            Handle = MintAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/tokens", Name = "listTokens", Group = "Tokens",
            Summary = "List the presented token and those it minted, newest first; all of its user's with `rooms:*`",
            Query = ListPage.Query,
            Answer = "TokenList",
            Errors = [ErrorCode.IdentityMismatch, ErrorCode.ReadOnlyToken],
            Handle = ListAsync,
        },
        new()
        {
            Method = "PATCH", Pattern = "/tokens/{id}", Name = "changeToken", Group = "Tokens",
            Summary = "Change a token's scope or label; it holds from the next request on",
            Description = "A token widens nothing but what it minted. `keep` is a signed-in person's word (page /manage) that a token goes on after the one that minted it.",
            Body = "ChangeToken", Answer = "TokenChanged",
            Errors = [ErrorCode.TokenNotFound, ErrorCode.IdentityMismatch, ErrorCode.ReadOnlyToken, ErrorCode.PersonRequired, ErrorCode.InvalidScope, ErrorCode.ScopeExceedsToken, ErrorCode.ScopeExceedsAccess],
            Handle = ChangeAsync,
        },
        new()
        {
            Method = "DELETE", Pattern = "/tokens/{id}", Name = "revokeToken", Group = "Tokens",
            Summary = "Revoke a token, what refreshes it and what it minted",
            Answer = "TokenRevoked",
            Errors = [ErrorCode.TokenNotFound, ErrorCode.IdentityMismatch, ErrorCode.ReadOnlyToken, ErrorCode.ScopeExceedsToken],
            Handle = RevokeAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/tokens/refresh", Name = "refreshToken", Group = "Tokens",
            Summary = "Exchange a refresh token for new secrets of the same token",
            Description = "The secrets before are dead. The same refresh token again within 30 seconds, before the next one is used, gets the same answer: two sessions of one program, or an answer that was lost. Later it revokes its token and what that minted: one of its two holders is a thief.",
            Body = "RefreshToken", Answer = "BearerToken", Authentication = Authentication.None,
            Errors = [ErrorCode.InvalidToken, ErrorCode.MissingParam, ErrorCode.InvalidParameter, ErrorCode.InvalidScope, ErrorCode.ScopeExceedsToken],
            Handle = RefreshAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> MintAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_mintFields) ?? Refusals.CheckNarrowing(body, "expires_in", "agent_id", "room_id")) is not null
            || !Refusals.Text(body, "scope").Try(out var scope, out error)
            || !Refusals.Text(body, "label").Try(out var label, out error)
            || !Refusals.Seconds(body, "expires_in").Try(out var expiresIn, out error)
            || !Refusals.Text(body, "agent_id").Try(out var agent, out error)
            || !Refusals.Text(body, "room_id").Try(out var room, out error)
            || !Refusals.Switch(body, "with_refresh").Try(out var withRefresh, out error))
        {
            return error;
        }

        var request = new MintToken { Scope = scope, Label = label, ExpiresIn = expiresIn, AgentId = agent, RoomId = room, WithRefresh = withRefresh ?? false };
        return (await call.Engine.Tokens.MintAsync(call.Caller, request, call.Aborted)).Try(out var issued, out error)
            ? ApiAnswer.Of(TokenMintedJson.Of(issued), TokenJsonContext.Default.TokenMintedJson, StatusCodes.Status201Created) with
            {
                Location = "/tokens/" + Uri.EscapeDataString(issued.Info.Id),
            }
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> ListAsync(ApiCall call) =>
        (await call.Engine.Tokens.ListAsync(call.Caller, call.Aborted)).Try(out var tokens, out var error)
            ? ListPage.Of(call, "tokens", tokens, static token => token.Id, TokenJson.Of, TokenJsonContext.Default.TokenJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> ChangeAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_changeFields)) is not null
            || !Refusals.Text(body, "scope").Try(out var scope, out error)
            || !Refusals.Text(body, "label").Try(out var label, out error)
            || !Refusals.Switch(body, "keep").Try(out var keep, out error))
        {
            return error;
        }

        if (keep is false)
        {
            return Refusals.Parameter("keep", "'keep' can be true, or left out.");
        }

        // Refused before anything is changed, if at all.
        if (keep is true && !(await call.Engine.Tokens.KeepAsync(call.Caller, call.Path(0), call.Aborted)).Try(out _, out error))
        {
            return error;
        }

        return (await call.Engine.Tokens.ChangeAsync(call.Caller, call.Path(0), scope, label, call.Aborted)).Try(out var changed, out error)
            ? ApiAnswer.Of(
                new TokenChangedJson { Id = changed.Info.Id, Scope = changed.Info.Scope, Label = changed.Info.Label, PreviousScope = changed.PreviousScope },
                TokenJsonContext.Default.TokenChangedJson)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> RevokeAsync(ApiCall call) =>
        (await call.Engine.Tokens.RevokeAsync(call.Caller, call.Path(0), call.Aborted)).Try(out var revoked, out var error)
            ? ApiAnswer.Of(new RevokedJson(Revoked: true, revoked.Id), TokenJsonContext.Default.RevokedJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> RefreshAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_refreshFields)) is not null
            || !Refusals.Text(body, "refresh_token").Try(out var refreshToken, out error)
            || !Refusals.Text(body, "scope").Try(out var scope, out error))
        {
            return error;
        }

        if (refreshToken is null)
        {
            return Refusals.Missing("refresh_token", """{"refresh_token":"ref_…"}""");
        }

        return (await call.Engine.Tokens.RefreshAsync(refreshToken, clientId: null, scope, call.Aborted)).Try(out var issued, out error)
            ? ApiAnswer.Of(BearerTokenJson.Of(issued), TokenJsonContext.Default.BearerTokenJson)
            : error;
    }
}
