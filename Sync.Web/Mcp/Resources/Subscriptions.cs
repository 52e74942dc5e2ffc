using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Mcp.Access;
using Sync.Web.Mcp.Sessions;

namespace Sync.Web.Mcp.Resources;

/// <summary>
/// Tells clients that a room they have subscribed to has moved on, as the engine commits. The notice says that there is something to read, not what: many changes in a short
/// while are one notice. A subscription ends with the session, with the token and with access to the room.
/// </summary>
internal static class Subscriptions
{
    private const string Updated = NotificationMethods.ResourceUpdatedNotification;
    private const string Acknowledged = "notifications/subscriptions/acknowledged";
    private const string SubscriptionId = "io.modelcontextprotocol/subscriptionId";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Subscribes a session (until 2025-11-25).</summary>
    public static async ValueTask<EmptyResult> SubscribeAsync(RequestContext<SubscribeRequestParams> request, CancellationToken cancellationToken)
    {
        var (caller, services, version) = RoomResources.Requested(request);
        var uri = request.Params.Uri ?? "";
        var session = services.Sessions.Of(request.Server, McpPrincipal.Of(request.User));
        if (session.Subscriptions.ContainsKey(uri))
        {
            return new EmptyResult();
        }

        if (session.Subscriptions.Count >= McpSession.MaxSubscriptions)
        {
            throw McpErrors.ToException(TooMany, services.Steps, version);
        }

        var ending = CancellationTokenSource.CreateLinkedTokenSource(session.Chosen.Ended, services.Stopping);
        if (!(await ChangesAsync(services, caller, uri, ending.Token)).Try(out var changes, out var error))
        {
            ending.Dispose();
            throw McpErrors.ToException(error, services.Steps, version);
        }

        if (services.Sessions.Find(request.Server.SessionId) is { } running && session.Subscriptions.TryAdd(uri, ending))
        {
            // It lives as long as the session and not as the request; what it could fail with it swallows itself.
            _ = FollowAsync(running.Notifications, services, session, uri, changes, ending);
        }

        return new EmptyResult();
    }

    /// <summary>Ends a session's subscription.</summary>
    public static ValueTask<EmptyResult> UnsubscribeAsync(RequestContext<UnsubscribeRequestParams> request, CancellationToken cancellationToken)
    {
        var principal = McpPrincipal.Of(request.User);
        if (principal.Services.Sessions.Of(request.Server, principal).Subscriptions.TryRemove(request.Params.Uri ?? "", out var subscription))
        {
            subscription.Cancel();
        }

        return new ValueTask<EmptyResult>(new EmptyResult());
    }

    /// <summary>Holds a stream of notices open (from 2026-07-28). What it may not follow it leaves out of the acknowledgement.</summary>
    public static async ValueTask<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken cancellationToken)
    {
        var (caller, services, version) = RoomResources.Requested(request);
        var principal = McpPrincipal.Of(request.User);
        var session = services.Sessions.Of(request.Server, principal);
        var wanted = (request.Params.Notifications?.ResourceSubscriptions ?? []).Distinct(StringComparer.Ordinal).ToList();
        if (wanted.Count > McpSession.MaxSubscriptions)
        {
            throw McpErrors.ToException(TooMany, services.Steps, version);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, principal.Aborted, session.Chosen.Ended, services.Stopping);
        var followed = new List<(string Uri, IAsyncEnumerable<long> Changes)>();
        foreach (var uri in wanted)
        {
            if ((await ChangesAsync(services, caller, uri, ending.Token)).Try(out var changes, out _))
            {
                followed.Add((uri, changes));
            }
        }

        JsonNode id = request.JsonRpcRequest.Id.Id is long number ? JsonValue.Create(number) : JsonValue.Create(request.JsonRpcRequest.Id.ToString());
        var granted = new JsonObject();
        if (followed.Count > 0)
        {
            granted["resourceSubscriptions"] = new JsonArray([.. followed.Select(one => (JsonNode)one.Uri)]);
        }

        await SendAsync(request, Acknowledged, new JsonObject { ["notifications"] = granted }, id, ending.Token);
        try
        {
            var streams = followed.Select(one => NotifyAsync(services, one.Changes, () => SendAsync(request, Updated, new JsonObject { ["uri"] = one.Uri }, id, ending.Token), ending.Token));

            // With nothing to follow it stays open all the same: the client decides when it has listened enough.
            await (followed.Count > 0 ? Task.WhenAll(streams) : Task.Delay(Timeout.InfiniteTimeSpan, services.Time, ending.Token));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The usual end.
        }

        return new EmptyResult();
    }

    private static SyncError TooMany { get; } =
        new(ErrorCode.RateLimited, $"A session has at most {McpSession.MaxSubscriptions} subscriptions.") { Hint = "End one first with resources/unsubscribe." };

    private static async Task<Outcome<IAsyncEnumerable<long>>> ChangesAsync(McpServices services, Caller caller, string text, CancellationToken cancellationToken) =>
        RoomUri.TryParse(text, out var uri) && uri.Part == RoomUri.Context
            ? await services.Engine.Live.ChangesAsync(caller, uri.Room, cancellationToken)
            : RoomResources.Unknown(text);

    private static async Task FollowAsync(NotificationStream notifications, McpServices services, McpSession session, string uri, IAsyncEnumerable<long> changes, CancellationTokenSource ending)
    {
        var notice = ToolJson.Write(uri, static (writer, uri) =>
        {
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WriteString("method"u8, Updated);
            writer.WriteStartObject("params"u8);
            writer.WriteString("uri"u8, uri);
            writer.WriteEndObject();
        });
        try
        {
            await NotifyAsync(
                services,
                changes,
                () =>
                {
                    notifications.Send(notice.Span);
                    return Task.CompletedTask;
                },
                ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The usual end.
        }
#pragma warning disable CA1031 // Nobody awaits this; the client finds out by reading.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            McpErrors.LogFailed(services.Logger, "A subscription", exception);
        }
        finally
        {
            session.Subscriptions.TryRemove(KeyValuePair.Create(uri, ending));
            ending.Dispose();
        }
    }

    private static async Task NotifyAsync(McpServices services, IAsyncEnumerable<long> changes, Func<Task> tell, CancellationToken cancellationToken)
    {
        await foreach (var _ in changes.WithCancellation(cancellationToken))
        {
            await tell();
            await Task.Delay(s_pause, services.Time, cancellationToken);
        }
    }

    private static Task SendAsync(RequestContext<SubscriptionsListenRequestParams> request, string method, JsonObject parameters, JsonNode id, CancellationToken cancellationToken)
    {
        parameters["_meta"] = new JsonObject { [SubscriptionId] = id.DeepClone() };

        // The server of a request answers on the stream of that request.
        return request.Server.SendMessageAsync(new JsonRpcNotification { Method = method, Params = parameters }, cancellationToken);
    }
}
