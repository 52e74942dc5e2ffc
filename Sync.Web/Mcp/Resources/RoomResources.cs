using System.Text;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Help;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Rooms;
using Sync.Web.Http.Answers;
using Sync.Web.Mcp.Access;

namespace Sync.Web.Mcp.Resources;

/// <summary>Rooms as resources. Reading one is looking, not acting: it leaves messages unread.</summary>
internal static class RoomResources
{
    private const int Page = 100;

    private static readonly ResourceTemplate[] s_templates =
    [
        new()
        {
            UriTemplate = "sync://rooms/{room}/context", Name = "room-context", Title = "A room's context", MimeType = "application/json",
            Description = "State, views, agents, actions and messages of a room. Can be subscribed to.",
        },
        new()
        {
            UriTemplate = "sync://rooms/{room}/help/{key}", Name = "room-help", Title = "A help text", MimeType = "text/markdown",
            Description = "Guidance as it stands in a room.",
        },
        new()
        {
            UriTemplate = "sync://rooms/{room}/actions/{action}", Name = "room-action", Title = "An action", MimeType = "application/json",
            Description = "Whether an action is available, and why: each part of its guard with the value it has.",
        },
    ];

    public static ValueTask<ListResourcesResult> ListAsync(RequestContext<ListResourcesRequestParams> request, CancellationToken cancellationToken)
    {
        var (caller, services, version) = Requested(request);
        if (!services.Engine.Rooms.Page(caller, request.Params?.Cursor, Page).Try(out var page, out var error))
        {
            throw McpErrors.ToException(
                error.Code == ErrorCode.InvalidParameter ? new SyncError(error.Code, "The cursor is not one of this server.") { Hint = "Begin again without a cursor." } : error,
                services.Steps,
                version);
        }

        return new ValueTask<ListResourcesResult>(new ListResourcesResult
        {
            Resources =
            [
                .. page.Rooms.Select(static room => new Resource
                {
                    Uri = RoomUri.ContextOf(room.Id),
                    Name = room.Id,
                    Title = room.Name ?? room.Id,
                    MimeType = "application/json",
                    Description = $"The context of the room {room.Id}.",
                }),
            ],
            NextCursor = page.Rooms.Count > 0 && page.Rooms.Count < page.Left ? RoomPage.EndAt(page.Rooms[^1]) : null,
        });
    }

    public static ValueTask<ListResourceTemplatesResult> TemplatesAsync(RequestContext<ListResourceTemplatesRequestParams> request, CancellationToken cancellationToken) =>
        new(new ListResourceTemplatesResult { ResourceTemplates = [.. s_templates] });

    public static async ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken cancellationToken)
    {
        var (caller, services, version) = Requested(request);
        var text = request.Params.Uri ?? "";
        if (!RoomUri.TryParse(text, out var uri))
        {
            throw McpErrors.ToException(Unknown(text), services.Steps, version);
        }

        var outcome = uri.Part switch
        {
            RoomUri.Help => (await services.Engine.Context.HelpAsync(caller, uri.Room, uri.Name, cancellationToken)).Try(out var help, out var refused) ? Text(help) : refused,
            RoomUri.Action => (await services.Engine.Actions.ExplainAsync(caller, uri.Room, uri.Name ?? "", new InvokeRequest(), cancellationToken)).Try(out var why, out var refused)
                ? Json(ApiResponse.ToJson(why.ToJson(services.Steps, uri.Room)))
                : refused,
            _ => Json(await services.Engine.Context.ReadAsync(caller, uri.Room, ContextShape.Default with { Peek = true, IsLean = true }, cancellationToken)),
        };
        return outcome.Try(out var content, out var error)
            ? new ReadResourceResult { Contents = [new TextResourceContents { Uri = text, MimeType = content.MimeType, Text = content.Text }] }
            : throw McpErrors.ToException(error, services.Steps, version, uri.Room);
    }

    public static SyncError Unknown(string uri) =>
        new SyncError(ErrorCode.NotFound, $"There is no resource '{(uri.Length <= 80 ? uri : uri[..80] + "…")}'.") { Hint = "resources/list names the rooms; an address looks like sync://rooms/ROOM/context." };

    /// <summary>Who asks, in their session.</summary>
    public static (Caller Caller, McpServices Services, string? Version) Requested(MessageContext request)
    {
        var principal = McpPrincipal.Of(request.User);
        return (principal.Caller.In(principal.Services.Sessions.Of(request.Server, principal).Chosen), principal.Services, request.Server.NegotiatedProtocolVersion);
    }

    private static Outcome<(string MimeType, string Text)> Json(Outcome<ReadOnlyMemory<byte>> outcome) =>
        outcome.Try(out var json, out var error) ? ("application/json", Encoding.UTF8.GetString(json.Span)) : error;

    private static (string MimeType, string Text) Text(HelpAnswer help) => help.Text is { } text ? ("text/markdown", text) : ("application/json", help.ContentJson);
}
