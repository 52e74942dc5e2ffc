using System.Collections.Immutable;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>The room as it changes, as server-sent events.</summary>
internal static class EventEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/events", Name = "events", Group = "Reading",
            Summary = "Follow the room: one server-sent event per commit",
            Description = "Each event has its cursor (`SEQ.TAG`) as `id`, its kind as `event` and the event as JSON in `data`. Events come in order, none is missed, none comes twice: "
                + "a client that reconnects with `Last-Event-ID` (browsers' readers do) goes on where it was cut. Without either the stream begins now. A cursor of another history of the room (made anew, restored) is `cursor_reset` (410); a bare number is taken as it is. "
                + "A comment every 15 seconds keeps proxies from closing it. When access ends or the room is deleted the stream ends after an event named `end`.",
            Headers = [new(LastEventId, "string", "The last event received; stronger than `since`.")],
            Query = [new("since", "string", "Begin after this event: a cursor, or its number.")],
            MediaType = EventStream.MediaType,
            Handle = FollowAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> FollowAsync(ApiCall call)
    {
        var header = call.Http.Request.Headers[LastEventId];
        var (name, text) = header.Count > 0 ? (LastEventId, header.ToString()) : ("since", call.Query("since"));
        EventCursor? since = null;
        if (!string.IsNullOrEmpty(text))
        {
            if (!EventCursor.Read(name, text).Try(out var cursor, out var unreadable))
            {
                return unreadable;
            }

            since = cursor;
        }

        using var ending = ShutdownToken.Of(call);
        if (!(await call.Engine.Live.EventsAsync(call.Caller, call.Room, since, name, ending.Token)).Try(out var events, out var error))
        {
            return error;
        }

        await EventStream.WriteAsync(call.Http.Response, events, call.Time, ending.Token);
        return ApiAnswer.AlreadyWritten;
    }
}
