using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Sync.Engine;
using Sync.Web.Api.Answers;
using Sync.Web.Api.Requests;

namespace Sync.Web.Api.Operations;

/// <summary>Reading a room: context, waits, poll, evaluation.</summary>
internal static class ReadOperations
{
    private const int PollLimit = 2000;
    private const int PollDefault = 500;

    private static readonly string[] s_evalFields = ["expr"];

    /// <summary>The shaping parameters. The engine reads them; they stand here for the document and for names that are not known.</summary>
    public static ImmutableArray<ApiParameter> Shaping { get; } =
    [
        new("depth", "string", "`lean` (default), `full` (with writes, params and guards) or `usage` (with invocation counts)."),
        new("only", "string", "Sections to give, comma-separated: `state`, `views`, `agents`, `actions`, `messages`, or a part such as `state._shared`."),
        new("actions", "boolean", "`false` leaves the actions out."),
        new("messages", "boolean", "`false` leaves the messages out."),
        new("messages_after", "integer", "Only messages after this number."),
        new("messages_limit", "integer", "At most so many messages (default 100, at most 500)."),
        new("messages_kinds", "string", "Only messages of these kinds, comma-separated."),
        new("include", "string", "Further sections, comma-separated: `_audit`, `_messages`, `activity`; `private` adds the other agents' scopes for an owner who acts as an agent."),
        new("compact", "boolean", "`true` drops nulls and empty objects and lists."),
        new("peek", "boolean", "`true` leaves the message cursor where it is."),
        new("since", "string", "Only what changed after this event, with removals: a `_context.cursor`, or the event's number."),
        new("at", "string", "The room as it was after this event: a cursor, or its number."),
        new("meta", "boolean", "`true` gives entries with version, revision, writer and times."),
        new("limit", "integer", "With `only` naming one scope or section: at most so many of its parts."),
        new("after", "string", "With `only` naming one scope or section: begin after the part of this name; with `only=state`: after the scope of this name."),
    ];

    private static readonly string[] s_waitFields = ["condition", "timeout", .. Shaping.Select(parameter => parameter.Name)];

    public static ImmutableArray<ApiOperation> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/context", Name = "readContext", Group = "Reading",
            Summary = "Read the room: state, views, agents, actions, messages",
            Description = "Nothing is cut silently: `_context.elided` names what is missing and `_context._expand` the query that gets it.",
            Query = Shaping, Answer = "Context", IsTagged = true,
            Headers = [new(HeaderNames.IfNoneMatch, "string", "The `ETag` of an answer to the same query: 304 without a body while nothing has changed. A 304 moves no message cursor.")],
            Handle = ContextAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/wait", Name = "wait", Group = "Reading",
            Summary = "Block until a condition is true, or time runs out",
            Description = "A parked wait costs nothing and answers within milliseconds of the commit that makes it true. In a query string `+` means a space: "
                + "write a plus sign as `%2B`, or send the condition in the body of a `POST`.",
            Query =
            [
                new("condition", "string", "A CEL expression.", Required: true),
                new("timeout", "integer", "Milliseconds; the default is the longest allowed, 25000 unless the server says otherwise."),
                .. Shaping,
            ],
            Answer = "Waited", Parks = true,
            Errors = [ErrorCode.MissingParam, ErrorCode.InvalidCel, ErrorCode.CelLimitExceeded],
            Handle = call => WaitAsync(call, call.Queries()),
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/wait", Name = "waitFor", Group = "Reading",
            Summary = "Block until a condition is true, or time runs out; everything in the body",
            Body = "Wait", Answer = "Waited",
            Errors = [ErrorCode.MissingParam, ErrorCode.InvalidCel, ErrorCode.CelLimitExceeded],
            Handle = WaitByBodyAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/poll", Name = "poll", Group = "Reading",
            Summary = "Everything a dashboard shows, in one bundle",
            Query =
            [
                new("messages_limit", "integer", "At most so many messages (default 500, at most 2000)."),
                new("audit_limit", "integer", "At most so many events (default 500, at most 2000)."),
            ],
            Answer = "Poll",
            Handle = PollAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/eval", Name = "evaluate", Group = "Reading",
            Summary = "Evaluate a CEL expression against the room",
            Body = "Eval", Answer = "Evaluated",
            Errors = [ErrorCode.MissingParam, ErrorCode.InvalidCel, ErrorCode.CelError, ErrorCode.CelLimitExceeded, ErrorCode.NotReadable],
            Handle = EvalAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> ContextAsync(ApiCall call)
    {
        if (!ContextShape.Parse(call.Queries()).Try(out var shape, out var error))
        {
            return error;
        }

        var request = call.Http.Request;
        EntityTagHeaderValue? tag = null;
        if (HttpMethods.IsHead(request.Method))
        {
            // Whoever asks for headers has read no message.
            shape = shape with { Peek = true };
        }

        return (await call.Engine.Context.ReadUnlessAsync(call.Caller, call.Room, shape, IsKnown, call.Aborted)).Try(out var read, out error)
            ? read is { } context ? ApiAnswer.Of(context.Json) with { Tag = tag } : ApiAnswer.Unchanged(tag!) // Known only by its tag.
            : error;

        bool IsKnown(ReadContext context) => ContextTag.IsKnown(request, tag = ContextTag.Of(request.QueryString, context));
    }

    private static async Task<Outcome<ApiAnswer>> WaitByBodyAsync(ApiCall call) =>
        (await call.BodyAsync()).Try(out var body, out var error)
        && (error = Refusals.CheckFields(body, s_waitFields)) is null
        && Refusals.Text(body, "condition").Try(out _, out error)
        && Flatten(body).Try(out var parameters, out error)
            ? await WaitAsync(call, parameters)
            : error;

    private static async Task<Outcome<ApiAnswer>> WaitAsync(ApiCall call, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        string? condition = null;
        TimeSpan? timeout = null;
        foreach (var (name, value) in parameters)
        {
            if (name == "condition")
            {
                condition = value;
            }
            else if (name == "timeout")
            {
                if (!Timeout(value, call.Options.Limits.Room.WaitTimeout).Try(out var parsed, out var refusal))
                {
                    return refusal;
                }

                timeout = parsed;
            }
        }

        if (string.IsNullOrWhiteSpace(condition))
        {
            return Refusals.Missing("condition", "a CEL expression, such as messages.unread > 0") with { Help = "expressions" };
        }

        if (!ContextShape.Parse(parameters, "condition", "timeout").Try(out var shape, out var error))
        {
            return error;
        }

        // A parked wait must not hold up the shutdown of the server.
        using var ending = Ending.Of(call);
        try
        {
            return (await call.Engine.Waits.WaitAsync(call.Caller, call.Room, condition, timeout, shape, ending.Token)).Try(out var json, out error)
                ? ApiAnswer.Of(json)
                : error;
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            return Ending.Refusal;
        }
    }

    private static async Task<Outcome<ApiAnswer>> PollAsync(ApiCall call) =>
        call.Integer("messages_limit", PollDefault, 0, PollLimit).Try(out var messages, out var error)
        && call.Integer("audit_limit", PollDefault, 0, PollLimit).Try(out var audit, out error)
        && (await call.Engine.Context.PollAsync(call.Caller, call.Room, (int)messages, (int)audit, call.Aborted)).Try(out var json, out error)
            ? ApiAnswer.Of(json)
            : error;

    private static async Task<Outcome<ApiAnswer>> EvalAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_evalFields)) is not null
            || !Refusals.Text(body, "expr").Try(out var expression, out error))
        {
            return error;
        }

        if (expression is null)
        {
            return Refusals.Missing("expr", """{"expr":"state._shared.total > 3"}""") with { Help = "expressions" };
        }

        return (await call.Engine.Context.EvalAsync(call.Caller, call.Room, expression, call.Aborted)).Try(out var json, out error)
            ? ApiAnswer.Of(json)
            : error;
    }

    private static Outcome<TimeSpan> Timeout(string text, TimeSpan longest) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= longest.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : Refusals.Parameter("timeout", string.Create(CultureInfo.InvariantCulture, $"'timeout' must be a whole number of milliseconds from 0 to {longest.TotalMilliseconds}."));

    // The body of a wait holds what the query would: the same names, with JSON types and lists for comma-separated texts.
    private static Outcome<IReadOnlyList<KeyValuePair<string, string>>> Flatten(JsonElement body)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (var property in body.EnumerateObject())
        {
            var value = property.Value;
            switch (value.ValueKind)
            {
                case JsonValueKind.Null:
                    break;
                case JsonValueKind.String:
                    parameters.Add(new(property.Name, value.GetString() ?? ""));
                    break;
                case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                    parameters.Add(new(property.Name, value.GetRawText()));
                    break;
                case JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                    parameters.Add(new(property.Name, string.Join(',', value.EnumerateArray().Select(item => item.GetString()))));
                    break;
                default:
                    return Refusals.Parameter(property.Name, $"'{property.Name}' must be a string, a number, a boolean or a list of strings, not {StrictJson.Describe(value.ValueKind)}.");
            }
        }

        return parameters;
    }
}
