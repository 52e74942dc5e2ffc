using System.Text.Json;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pipeline;
using Sync.Web.Http.Requests;
using Sync.Web.Mcp.Resources;
using Sync.Web.Mcp.Tools;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// What a request to <c>/mcp</c> passes before the SDK sees it: origin, token, a body that is bounded and strict JSON, and for tokens of OAuth clients the room, since a client asks its
/// user for more only when HTTP says so (MCP, Authorization, Scope Challenge Handling). For other tokens the tool itself answers, with a link to show.
/// </summary>
internal static class McpRequestFilter
{
    public static async Task HandleAsync(HttpContext http, RequestDelegate next)
    {
        var services = http.RequestServices.GetRequiredService<McpServices>();
        if (!OriginRule.Allows(http.Request, services.Options))
        {
            await ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.ScopeDenied, "This origin or host name may not use /mcp.")
            {
                Hint = "Connect with a program, under the server's own name. If that is not how it is reached, whoever runs it sets Sync__PublicUrl.",
            });
            return;
        }

        var presented = http.Features.Get<BearerAuthentication>()?.Caller ?? Caller.Anonymous;
        if (!presented.Try(out var caller, out var error))
        {
            await ApiResponse.WriteErrorAsync(http, error);
            return;
        }

        if (caller.IsAnonymous)
        {
            await ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.AuthenticationRequired, "This needs a token.") { Next = [NextStep.SignIn] });
            return;
        }

        http.User = new McpPrincipal(caller, services, http.RequestAborted);
        if (HttpMethods.IsPost(http.Request.Method))
        {
            await PostAsync(http, next, caller, services);
        }
        else if (!HttpMethods.IsGet(http.Request.Method))
        {
            await next(http);
        }
        else
        {
            // A stream of notifications ends with the token.
            var ended = services.Sessions.EndOf(http.Request.Headers["Mcp-Session-Id"].ToString(), caller);
            using var cut = ended.UnsafeRegister(static context => ((HttpContext)context!).Abort(), http); // It is what is passed.
            await next(http);
        }
    }

    private static async Task PostAsync(HttpContext http, RequestDelegate next, Caller caller, McpServices services)
    {
        if (!(await RequestBody.ReadKeptAsync(http.Request, services.Options.Limits, services.Time)).Try(out var body, out var error))
        {
            await McpErrors.WriteUnreadableAsync(http, error);
            return;
        }

        if (JsonRpcMessage.Check(body.Json) is { } noMessage)
        {
            await McpErrors.WriteInvalidRequestAsync(http, noMessage);
            return;
        }

        var id = JsonRpcMessage.IdOf(body.Json);
        if (id.ValueKind != JsonValueKind.Undefined && JsonRpcMessage.CheckParams(body.Json) is { } unfit)
        {
            await McpErrors.WriteInvalidParamsAsync(http, id, unfit);
            return;
        }

        if (caller.ClientId is not null && Refusal(body.Json, services.Engine, caller) is { } refusal && BearerChallenge.MissingScope(refusal) is { } scope)
        {
            await ApiResponse.WriteErrorAsync(http, refusal.With("scope", services.Engine.Tokens.ScopeToAsk(caller, scope)));
            return;
        }

        http.Request.Body = new MemoryStream(body.Utf8, writable: false);
        try
        {
            await next(http);
        }
        catch (JsonException) when (id.ValueKind != JsonValueKind.Undefined && !http.Response.HasStarted)
        {
            await McpErrors.WriteInvalidParamsAsync(http, id, JsonRpcMessage.Unfit(body.Json));
        }
    }

    private static SyncError? Refusal(JsonElement message, SyncEngine engine, Caller caller)
    {
        if (!message.TryGetProperty("method", out var method) || !message.TryGetProperty("params", out var parameters) || parameters.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (method.ValueEquals("tools/call") && Text(parameters, "name") is { } name && ToolTable.Find(name) is { } tool)
        {
            var given = parameters.TryGetProperty("arguments", out var named) ? named : default;
            if (tool.CreatesRooms)
            {
                // An owner invites into a room that exists with the same tool.
                return Text(given, "id") is { } id && engine.Rooms.IsOwned(caller, id) ? null : engine.Rooms.CreationRefusal(caller);
            }

            if (tool.Enters)
            {
                // One that waits for its room is told nothing of it before.
                return Text(given, "room") is { } entered && tool.Needs > AccessLevel.None && !given.TryGetProperty("wait_ms", out _) ? engine.Agents.EntryRefusal(caller, entered) : null;
            }

            return tool.Needs > AccessLevel.None && parameters.TryGetProperty("arguments", out var arguments) && Text(arguments, "room") is { } room
                ? engine.Rooms.Refusal(caller, ToolArguments.RoomOf(room), tool.Needs)
                : null;
        }

        return (method.ValueEquals("resources/read") || method.ValueEquals("resources/subscribe"))
            && Text(parameters, "uri") is { } uri && RoomUri.TryParse(uri, out var resource)
                ? engine.Rooms.Refusal(caller, resource.Room, AccessLevel.Read)
                : null;
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
