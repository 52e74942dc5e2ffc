using System.Collections.Immutable;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>The past of a room.</summary>
internal static class HistoryEndpoints
{
    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/history/{scope}/{**key}", Name = "keyHistory", Group = "History",
            Summary = "The writes of one key, newest first",
            Query =
            [
                new("before", "string", "Only writes before this event, a cursor or its number; `next_before` of the page before."),
                new("limit", "integer", $"At most so many writes ({CountBound.History})."),
            ],
            Answer = "History",
            Errors = [ErrorCode.NotFound],
            Handle = KeyAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/replay/{seq}", Name = "replay", Group = "History",
            Summary = "The room's state as it was after an event, with that event",
            Answer = "Replay",
            Errors = [ErrorCode.NotFound],
            Handle = ReplayAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/samples/{**view}", Name = "viewSamples", Group = "History",
            Summary = "A view's value over time",
            Description = "The log is replayed, and each value is what the view as it was registered then gave. One sample for each time the value became another; "
                + "of more changes than fit, evenly chosen ones with both ends.",
            Query =
            [
                new("since", "string", "Only the time after this event, a cursor or its number; without it the last 20,000 events."),
                new("limit", "integer", $"At most so many samples ({CountBound.Samples})."),
            ],
            Answer = "Samples",
            Errors = [ErrorCode.ViewNotFound],
            Handle = SamplesAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/audit", Name = "audit", Group = "History",
            Summary = "The log: every event, accepted or refused",
            Query =
            [
                new("after", "string", "Only events after this one, a cursor or its number, oldest first; without it the newest."),
                new("before", "string", "Only events before this one, a cursor or its number, newest first; not together with `after`."),
                new("limit", "integer", $"At most so many events ({CountBound.Audit})."),
                new("agent", "string", "Only events of this agent."),
                new("action", "string", "Only events of this action."),
                new("ok", "boolean", "`true`: only accepted ones; `false`: only refused ones."),
            ],
            Answer = "Audit",
            Handle = AuditAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/events/{seq}", Name = "readEvent", Group = "History",
            Summary = "One event in full, with what it followed from and what followed from it",
            Description = "`because` names the event, message or approval that it followed from, always with the `seq` of the event that this is; `followed` lists the events that followed from it. "
                + "So a message, the claim it led to, the approval and the decision are followed from one to the next, both ways.",
            Query =
            [
                new("after", "string", "Only what followed after this event, a cursor or its number; `next_after` of the page before."),
                new("limit", "integer", $"At most so many that followed ({CountBound.Followed})."),
            ],
            Answer = "EventDetails",
            Handle = EventAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/timeline", Name = "timeline", Group = "History",
            Summary = "What each agent did when: working, waiting, deciding, refused, idle",
            Description = "Of the newest 10,000 events. `working`: it acted within the minute; `refused`: its last try within the minute was refused; `deciding`: somebody is to decide on what it asked for. "
                + "Waits are no events: they are known since `waits_since`.",
            Query =
            [
                new("agent", "string", "Only this agent."),
                new("at", "string", "Up to this event, a cursor or its number, of the agents of then; without it up to now."),
            ],
            Answer = "Timeline",
            Errors = [ErrorCode.AgentNotFound],
            Handle = TimelineAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/search", Name = "search", Group = "History",
            Summary = "Words in messages, state, definitions and the log, newest first",
            Description = "What has all the words, whatever their case and accents, as far as the caller may read it: each with a snippet and where it is. A word finds words that begin with it; "
                + "between quotes only itself. `next_before` goes on where one call has not looked at everything, also where nothing was found.",
            Query =
            [
                new("q", "string", "One to eight words, or \"exact words\" in quotes."),
                new("before", "string", "Only what was written before this event, a cursor or its number; `next_before` of the page before."),
                new("limit", "integer", $"At most so many results ({CountBound.Search})."),
            ],
            Answer = "Found",
            Handle = SearchAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> KeyAsync(ApiCall call)
    {
        if (call.Path(2).Length == 0)
        {
            return new SyncError(ErrorCode.InvalidId, "The path names no key: scope first, then key.")
            {
                Hint = NearbyCalls.KeyHistory($"/rooms/{Uri.EscapeDataString(call.Room)}", call.Path(1)),
            };
        }

        return call.Cursor("before").Try(out var before, out var error)
            && call.Count("limit", CountBound.History).Try(out var limit, out error)
            && (await call.Engine.History.KeyAsync(call.Caller, call.Room, call.Path(1), call.Path(2), before, limit, call.Aborted)).Try(out var page, out error)
                ? ApiAnswer.Of(page)
                : error;
    }

    private static async Task<Outcome<ApiAnswer>> ReplayAsync(ApiCall call)
    {
        return EventCursor.Read("seq", call.Path(1)).Try(out var cursor, out var error)
            && (await call.Engine.History.ReplayAsync(call.Caller, call.Room, cursor, call.Aborted)).Try(out var json, out error)
            ? ApiAnswer.Of(json)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> EventAsync(ApiCall call) =>
        EventCursor.Read("seq", call.Path(1)).Try(out var cursor, out var error)
        && call.Cursor("after").Try(out var after, out error)
        && call.Count("limit", CountBound.Followed).Try(out var limit, out error)
        && (await call.Engine.History.EventAsync(call.Caller, call.Room, cursor, "seq", after, limit, isLean: false, call.Aborted)).Try(out var details, out error)
            ? ApiAnswer.Of(details)
            : error;

    private static async Task<Outcome<ApiAnswer>> TimelineAsync(ApiCall call) =>
        call.Cursor("at").Try(out var at, out var error)
        && (await call.Engine.Timelines.AnswerAsync(call.Caller, call.Room, call.Query("agent"), at, "at", call.Aborted)).Try(out var timeline, out error)
            ? ApiAnswer.Of(timeline)
            : error;

    private static async Task<Outcome<ApiAnswer>> SamplesAsync(ApiCall call)
    {
        return call.Cursor("since").Try(out var since, out var error)
            && call.Count("limit", CountBound.Samples).Try(out var limit, out error)
            && (await call.Engine.History.SamplesAsync(call.Caller, call.Room, call.Path(1), since, limit, call.Aborted)).Try(out var history, out error)
                ? ApiAnswer.Of(history)
                : error;
    }

    private static async Task<Outcome<ApiAnswer>> SearchAsync(ApiCall call)
    {
        return call.Cursor("before").Try(out var before, out var error)
            && call.Count("limit", CountBound.Search).Try(out var limit, out error)
            && (await call.Engine.History.SearchAsync(call.Caller, call.Room, call.Query("q"), before, limit, call.Aborted)).Try(out var json, out error)
            ? ApiAnswer.Of(json)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> AuditAsync(ApiCall call)
    {
        if (!call.Cursor("after").Try(out var after, out var error) || !call.Cursor("before").Try(out var before, out error))
        {
            return error;
        }

        bool? ok = null;
        if (call.Query("ok") is { } text)
        {
            if (text is not ("true" or "false"))
            {
                return Refusals.Parameter("ok", "'ok' must be true or false.");
            }

            ok = text == "true";
        }

        if (!call.Count("limit", CountBound.Audit).Try(out var limit, out error))
        {
            return error;
        }

        var query = new AuditQuery(after, limit, call.Query("agent"), call.Query("action"), ok) { Before = before };
        return (await call.Engine.History.AuditAsync(call.Caller, call.Room, query, call.Aborted)).Try(out var json, out error)
            ? ApiAnswer.Of(json)
            : error;
    }
}
