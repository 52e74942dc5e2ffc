using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Tokens;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>A room's own tokens (<c>room_</c>, <c>view_</c>, <c>as_</c>): list, make and replace, revoke.</summary>
internal static class RoomTokenEndpoints
{
    private static readonly string[] s_mintFields = ["kind", "agent", "private", "label", "expires_in", "replaces"];

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/tokens", Name = "listRoomTokens", Group = "Tokens",
            Summary = "List the room's own tokens: an owner all of them, an agent its own; newest first",
            Query = ListPage.Query, Answer = "RoomTokenList",
            Errors = [ErrorCode.ReadOnlyToken],
            Handle = ListAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/tokens", Name = "mintRoomToken", Group = "Tokens",
            Summary = "Make one of the room's own tokens, or one in the place of another",
            Description = "`token` is shown this once; for a `view` `url` is the room's page with it, to be opened in a browser. `replaces` revokes the other one. It ends with the token that makes it, and with the role of the user who does.",
            Body = "MintRoomToken", Success = StatusCodes.Status201Created, Answer = "RoomToken",
            Errors = [ErrorCode.ReadOnlyToken, ErrorCode.RoomTokenRequired, ErrorCode.IdentityMismatch, ErrorCode.AgentNotFound, ErrorCode.TokenNotFound, ErrorCode.ScopeExceedsToken, ErrorCode.MissingParam],
            Handle = MintAsync,
        },
        new()
        {
            Method = "DELETE", Pattern = "/rooms/{room}/tokens/{id}", Name = "revokeRoomToken", Group = "Tokens",
            Summary = "Revoke one of the room's own tokens and what it minted",
            Answer = "TokenRevoked",
            Errors = [ErrorCode.ReadOnlyToken, ErrorCode.TokenNotFound],
            Handle = RevokeAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> ListAsync(ApiCall call) =>
        (await call.Engine.RoomTokens.ListAsync(call.Caller, call.Room, call.Aborted)).Try(out var tokens, out var error)
            ? ListPage.Of(call, "tokens", tokens, static token => token.Id, RoomTokenJson.Of, TokenJsonContext.Default.RoomTokenJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> MintAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_mintFields) ?? Refusals.CheckNarrowing(body, "agent", "expires_in")) is not null
            || !Refusals.Text(body, "kind").Try(out var kindName, out error)
            || !Refusals.Text(body, "agent").Try(out var agent, out error)
            || !Refusals.Switch(body, "private").Try(out var seesPrivate, out error)
            || !Refusals.Text(body, "label").Try(out var label, out error)
            || !Refusals.Seconds(body, "expires_in").Try(out var expiresIn, out error)
            || !Refusals.Text(body, "replaces").Try(out var replaces, out error))
        {
            return error;
        }

        if (kindName is null)
        {
            return Refusals.Missing("kind", """{"kind":"view"}""");
        }

        if (WireText.RoomTokenKind(kindName) is not { } kind)
        {
            return Refusals.Parameter("kind", "'kind' must be room, view or agent.");
        }

        var request = new MintRoomToken { Kind = kind, Agent = agent, SeesPrivate = seesPrivate ?? false, Label = label, ExpiresIn = expiresIn, Replaces = replaces };
        return (await call.Engine.RoomTokens.MintAsync(call.Caller, call.Room, request, call.Aborted)).Try(out var made, out error)
            ? ApiAnswer.Of(RoomTokenJson.Of(made.Info) with { Token = made.Secret, Url = kind == RoomTokenKind.View ? ShareLink.Of(call.Options.PublicUrl, call.Room, made.Secret) : null }, TokenJsonContext.Default.RoomTokenJson, StatusCodes.Status201Created)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> RevokeAsync(ApiCall call) =>
        (await call.Engine.RoomTokens.RevokeAsync(call.Caller, call.Room, call.Path(1), call.Aborted)).Try(out var revoked, out var error)
            ? ApiAnswer.Of(new RevokedJson(Revoked: true, revoked.Id), TokenJsonContext.Default.RevokedJson)
            : error;
}
