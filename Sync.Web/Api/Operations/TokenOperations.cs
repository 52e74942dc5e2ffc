using System.Collections.Immutable;
using Sync.Engine;
using Sync.Web.Api.Answers;
using Sync.Web.Api.Requests;

namespace Sync.Web.Api.Operations;

/// <summary>A user's tokens: mint, list, narrow, revoke, refresh.</summary>
internal static class TokenOperations
{
    private static readonly string[] s_mintFields = ["scope", "label", "expires_in", "agent_id", "room_id", "with_refresh"];
    private static readonly string[] s_changeFields = ["scope", "label"];
    private static readonly string[] s_refreshFields = ["refresh_token", "scope"];

    public static ImmutableArray<ApiOperation> All { get; } =
    [
        new()
        {
            Method = "POST", Pattern = "/tokens", Name = "mintToken", Group = "Tokens",
            Summary = "Mint a token that may do no more than the one presented",
            Description = "`token` and `refresh_token` are shown this once. A token without `expires_in` lives until it is revoked, or as long as the one that mints it if that one ends.",
            Body = "MintToken", Success = StatusCodes.Status201Created, Answer = "TokenMinted",
            Errors = [ErrorCode.IdentityMismatch, ErrorCode.InvalidScope, ErrorCode.ScopeExceedsToken, ErrorCode.ScopeExceedsAccess],
            Handle = MintAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/tokens", Name = "listTokens", Group = "Tokens",
            Summary = "List the tokens of the presented token's user that it could have minted, newest first",
            Answer = "TokenList",
            Errors = [ErrorCode.IdentityMismatch],
            Handle = ListAsync,
        },
        new()
        {
            Method = "PATCH", Pattern = "/tokens/{id}", Name = "changeToken", Group = "Tokens",
            Summary = "Change a token's scope or label; it holds from the next request on",
            Body = "ChangeToken", Answer = "TokenChanged",
            Errors = [ErrorCode.TokenNotFound, ErrorCode.IdentityMismatch, ErrorCode.InvalidScope, ErrorCode.ScopeExceedsToken, ErrorCode.ScopeExceedsAccess],
            Handle = ChangeAsync,
        },
        new()
        {
            Method = "DELETE", Pattern = "/tokens/{id}", Name = "revokeToken", Group = "Tokens",
            Summary = "Revoke a token and what refreshes it",
            Answer = "TokenRevoked",
            Errors = [ErrorCode.TokenNotFound, ErrorCode.IdentityMismatch],
            Handle = RevokeAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/tokens/refresh", Name = "refreshToken", Group = "Tokens",
            Summary = "Exchange a refresh token for new secrets of the same token",
            Description = "The secrets before are dead. A refresh token that was used already revokes its token: one of its two holders is a thief.",
            Body = "RefreshToken", Answer = "BearerToken", Authentication = Authentication.None,
            Errors = [ErrorCode.InvalidToken, ErrorCode.MissingParam, ErrorCode.InvalidParameter, ErrorCode.InvalidScope, ErrorCode.ScopeExceedsToken],
            Handle = RefreshAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> MintAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_mintFields)) is not null
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
            ? ApiAnswer.Of(new TokenListJson([.. tokens.Select(TokenJson.Of)]), TokenJsonContext.Default.TokenListJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> ChangeAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_changeFields)) is not null
            || !Refusals.Text(body, "scope").Try(out var scope, out error)
            || !Refusals.Text(body, "label").Try(out var label, out error))
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
