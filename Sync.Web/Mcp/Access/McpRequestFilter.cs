using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pipeline;
using Sync.Web.Http.Requests;
using Sync.Web.Mcp.Resources;
using Sync.Web.Mcp.Sessions;
using Sync.Web.Mcp.Tools;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// What a request to <c>/mcp</c> passes before the SDK sees it: the token, headers and a body that are what the protocol says, the session, and for tokens of OAuth clients the room, since a client
/// asks its user for more only when HTTP says so (MCP, Authorization, Scope Challenge Handling). For other tokens the tool itself answers, with a link to show. Everything that is wrong before a call
/// is one is answered here; docs/decisions/0030 says what of it the SDK should do.
/// </summary>
internal static class McpRequestFilter
{
    public static async Task HandleAsync(HttpContext http, RequestDelegate next)
    {
        var services = http.RequestServices.GetRequiredService<McpServices>();
        var presented = http.Features.Get<BearerAuthentication>()?.Caller ?? Caller.Anonymous;
        if (!presented.Try(out var caller, out var error))
        {
            await ApiResponse.WriteErrorAsync(http, error);
        }
        else if (caller.IsAnonymous)
        {
            await ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.AuthenticationRequired, "This needs a token.") { Next = [NextStep.SignIn] });
        }
        else if (HttpMethods.IsPost(http.Request.Method))
        {
            await PostAsync(http, next, caller, services);
        }
        else if (http.Request.Headers[ProtocolVersions.Header] == ProtocolVersions.Stateless)
        {
            await RefuseMethodAsync(http, "POST");
        }
        else if (VersionRefusal(http.Request) is { } unsupported)
        {
            await McpErrors.WriteAsync(http, id: default, McpErrors.UnsupportedVersion, unsupported, StatusCodes.Status400BadRequest);
        }
        else if (HttpMethods.IsGet(http.Request.Method))
        {
            await GetAsync(http, caller, services);
        }
        else if (await SessionAsync(http, id: default, caller, services) is not null)
        {
            http.User = new McpPrincipal(caller, services, http.RequestAborted);
            await next(http);
        }
    }

    /// <summary>Answers a method that <c>/mcp</c> does not take.</summary>
    public static Task RefuseMethodAsync(HttpContext http, string allowed)
    {
        http.Response.Headers.Allow = allowed;
        var error = new SyncError(ErrorCode.NotFound, $"/mcp does not take {VisibleText.Of(http.Request.Method)}{(allowed == "POST" ? $" in version {ProtocolVersions.Stateless} of the protocol" : "")}.")
        {
            Hint = "Send each JSON-RPC message with POST.",
        };
        return McpErrors.WriteAsync(http, id: default, McpErrors.InvalidRequest, error.With("allow", new JsonArray([.. allowed.Split(", ").Select(static method => (JsonNode)method)])), StatusCodes.Status405MethodNotAllowed);
    }

    private static async Task GetAsync(HttpContext http, Caller caller, McpServices services)
    {
        if (McpHeaders.CheckAccept(http.Request) is { } unacceptable)
        {
            await McpErrors.WriteAsync(http, id: default, McpErrors.InvalidRequest, unacceptable, StatusCodes.Status406NotAcceptable);
        }
        else if (await SessionAsync(http, id: default, caller, services) is { } session)
        {
            // It ends with the client, with the session, with the token and with the server.
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, session.Ended, services.Stopping, services.Sessions.EndOf(session.Id, caller));
            http.Response.Headers[McpHeaders.Session] = session.Id;
            await session.Notifications.ServeAsync(http.Response, ended.Token);
            session.Hear();
        }
    }

    // The message, or null where the request holds none and has been answered.
    private static async Task<KeptBody?> ReadMessageAsync(HttpContext http, McpServices services)
    {
        if (McpHeaders.CheckContentType(http.Request) is { } unreadable)
        {
            await McpErrors.WriteAsync(http, id: default, McpErrors.InvalidRequest, unreadable, StatusCodes.Status415UnsupportedMediaType);
            return null;
        }

        if (McpHeaders.CheckAccept(http.Request) is { } unacceptable)
        {
            await McpErrors.WriteAsync(http, id: default, McpErrors.InvalidRequest, unacceptable, StatusCodes.Status406NotAcceptable);
            return null;
        }

        if (!(await RequestBody.ReadKeptAsync(http.Request, services.Options.Limits, services.Time)).Try(out var body, out var error))
        {
            await McpErrors.WriteAsync(http, id: default, error.Code == ErrorCode.InvalidJson ? McpErrors.ParseError : McpErrors.InvalidRequest, error, ErrorStatus.Of(error.Code.Kind));
            return null;
        }

        if ((body.Utf8.Length == 0 ? JsonRpcMessage.Empty : JsonRpcMessage.Check(body.Json)) is { } noMessage)
        {
            await McpErrors.WriteAsync(http, id: default, McpErrors.InvalidRequest, noMessage, ErrorStatus.Of(noMessage.Code.Kind));
            return null;
        }

        return body;
    }

    private static async Task PostAsync(HttpContext http, RequestDelegate next, Caller caller, McpServices services)
    {
        if (await ReadMessageAsync(http, services) is not { } body)
        {
            return;
        }

        var id = JsonRpcMessage.IdOf(body.Json);

        // One that says twice that it knows no sessions means the protocol that has no such method.
        var isStatelessInHeader = http.Request.Headers[ProtocolVersions.Header] == ProtocolVersions.Stateless;
        var isStatelessInBody = ProtocolVersions.InMeta(body.Json) == ProtocolVersions.Stateless;
        var isInitialize = JsonRpcMessage.MethodOf(body.Json) == JsonRpcMessage.Initialize && !(isStatelessInHeader && isStatelessInBody);
        if (isInitialize)
        {
            // Which version it will be is what this request is about, and it begins a session.
            http.Request.Headers.Remove(ProtocolVersions.Header);
            http.Request.Headers.Remove(McpHeaders.Session);
        }
        else if (VersionRefusal(http.Request) is { } unsupported)
        {
            await McpErrors.WriteAsync(http, id, McpErrors.UnsupportedVersion, unsupported, StatusCodes.Status400BadRequest);
            return;
        }

        var isStateless = isStatelessInHeader && !isInitialize;
        if (!isInitialize && !isStateless && isStatelessInBody && Header(http.Request, McpHeaders.Session) is null)
        {
            await McpErrors.WriteAsync(
                http,
                id,
                McpErrors.HeaderMismatch,
                new SyncError(ErrorCode.InvalidParameter, $"The header {ProtocolVersions.Header} is missing.") { Hint = $"Send `{ProtocolVersions.Header}: {ProtocolVersions.Stateless}`, as `_meta` says." },
                StatusCodes.Status400BadRequest);
            return;
        }

        RunningSession? session = null;
        if (!isInitialize && !isStateless && (session = await SessionAsync(http, id, caller, services)) is null)
        {
            return;
        }

        if (!(isStateless && JsonRpcMessage.NeedsSession(body.Json)) && JsonRpcMessage.CheckParams(body.Json) is { } unfit)
        {
            // In a session a request is answered, whatever is wrong with it: some clients show nothing of an answer with another status, and wait for one.
            await McpErrors.WriteAsync(http, id, McpErrors.InvalidParams, unfit, session is not null && id.ValueKind != JsonValueKind.Undefined ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
            return;
        }

        if (Challenge(body.Json, services, caller, session) is { } challenge)
        {
            await ApiResponse.WriteErrorAsync(http, challenge);
            return;
        }

        http.User = new McpPrincipal(caller, services, http.RequestAborted);
        await ServeAsync(http, next, isInitialize && ProtocolVersions.Negotiate(body.Json) is { } negotiated ? body with { Utf8 = negotiated } : body, session);
    }

    // The SDK answers; what it cannot read, and what nobody waits for any more, ends here. A tool hears from the SDK that it was cancelled, and then answers nothing; that its client has hung
    // up it hears from the connection.
    private static async Task ServeAsync(HttpContext http, RequestDelegate next, KeptBody body, RunningSession? session)
    {
        var id = JsonRpcMessage.IdOf(body.Json);
        http.Request.ContentLength = body.Utf8.Length;
        http.Request.Body = new MemoryStream(body.Utf8, writable: false);
        using var open = session?.Requests.Begin(JsonRpcMessage.KeyOf(id), http);
        try
        {
            await next(http);
        }
        catch (JsonException) when (id.ValueKind != JsonValueKind.Undefined && !http.Response.HasStarted)
        {
            await McpErrors.WriteAsync(http, id, McpErrors.InvalidParams, JsonRpcMessage.Unfit(body.Json), session is null ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
        }
        catch (OperationCanceledException) when (session is not null)
        {
            // Its client wants no answer (MCP, Cancellation), has gone, or has ended the session. The response ends here.
        }

        if (session is not null)
        {
            session.Hear();
            if (JsonRpcMessage.CancelledBy(body.Json) is { } cancelled)
            {
                session.Requests.Cancel(cancelled);
            }
        }
    }

    // Null when the request has been answered.
    private static async Task<RunningSession?> SessionAsync(HttpContext http, JsonElement id, Caller caller, McpServices services)
    {
        if (Header(http.Request, McpHeaders.Session) is not { } name)
        {
            await McpErrors.WriteAsync(
                http,
                id,
                McpErrors.InvalidRequest,
                new SyncError(ErrorCode.InvalidParameter, $"The request names no session.")
                {
                    Hint = $"Send initialize first, and the header {McpHeaders.Session} of its answer with every request; or speak {ProtocolVersions.Stateless}, which has no sessions.",
                },
                StatusCodes.Status400BadRequest);
            return null;
        }

        if (services.Sessions.Find(name) is not { } session)
        {
            await McpErrors.WriteAsync(
                http,
                id,
                McpErrors.SessionNotFound,
                new SyncError(ErrorCode.NotFound, "Session not found: it has ended, or the server was started anew.") { Hint = $"Send initialize again, without {McpHeaders.Session}." },
                StatusCodes.Status404NotFound);
            return null;
        }

        if (session.Principal.Delegator != McpPrincipal.DelegatorOf(caller))
        {
            await McpErrors.WriteAsync(
                http,
                id,
                McpErrors.InvalidRequest,
                new SyncError(ErrorCode.ScopeDenied, "This session was opened with another token.") { Hint = $"Send initialize with this token, without {McpHeaders.Session}, for a session of its own." },
                StatusCodes.Status403Forbidden);
            return null;
        }

        session.Hear();
        return session;
    }

    private static SyncError? VersionRefusal(HttpRequest request) =>
        Header(request, ProtocolVersions.Header) is not { } version || ProtocolVersions.All.Contains(version, StringComparer.Ordinal)
            ? null
            : new SyncError(ErrorCode.InvalidParameter, $"This server does not speak the version in {ProtocolVersions.Header}.") { Hint = $"Send one of {string.Join(", ", ProtocolVersions.All)}, or initialize without the header to agree on one." }

                // What a client may choose from for the same request: versions with sessions are agreed on by initialize.
                .With("supported", new JsonArray([.. (Header(request, McpHeaders.Session) is null ? [ProtocolVersions.Stateless] : ProtocolVersions.WithSessions).Select(static version => (JsonNode)version)]))
                .With("requested", VisibleText.Of(version.Length <= 80 ? version : version[..80]));

    private static string? Header(HttpRequest request, string name) => request.Headers[name].ToString() is { Length: > 0 } text ? text : null;

    // What a client of OAuth is to ask its user for, before the call is one.
    private static SyncError? Challenge(JsonElement message, McpServices services, Caller caller, RunningSession? session)
    {
        if (caller.ClientId is null || Refusal(message, services.Engine, caller) is not { } refusal || BearerChallenge.MissingScope(refusal) is not { } scope)
        {
            return null;
        }

        services.Sessions.Challenge(caller, session?.Id);
        return refusal.With("scope", services.Engine.Tokens.ScopeToAsk(caller, scope));
    }

    private static SyncError? Refusal(JsonElement message, SyncEngine engine, Caller caller)
    {
        if (!message.TryGetProperty("method", out var method) || !message.TryGetProperty("params", out var parameters) || parameters.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (method.ValueEquals("tools/call") && Text(parameters, "name") is { } name && ToolTable.Find(name) is { } tool)
        {
            var given = parameters.TryGetProperty("arguments", out var arguments) ? arguments : default;
            if (tool.CreatesRooms)
            {
                // An owner invites into a room that exists with the same tool.
                return Text(given, "id") is { } id && engine.Rooms.IsOwned(caller, id) ? null : engine.Rooms.CreationRefusal(caller);
            }

            if (tool.Needs == AccessLevel.None || Text(given, "room") is not { } named)
            {
                return null;
            }

            // One that waits for its room is told nothing of it before.
            var room = ToolArguments.RoomOf(named);
            return !tool.Enters ? engine.Rooms.Refusal(caller, room, tool.Needs)
                : given.TryGetProperty("wait_ms", out _) ? null
                : engine.Agents.EntryRefusal(caller, room);
        }

        return (method.ValueEquals("resources/read") || method.ValueEquals("resources/subscribe"))
            && Text(parameters, "uri") is { } uri && RoomUri.TryParse(uri, out var resource)
                ? engine.Rooms.Refusal(caller, resource.Room, AccessLevel.Read)
                : null;
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
