using System.Collections.Immutable;
using Microsoft.Net.Http.Headers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Services.Context;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Reading a room: context, waits, poll, evaluation.</summary>
internal static class ReadEndpoints
{
    private static readonly string[] s_evalFields = ["expr"];

    private static readonly string[] s_waitFields = ["condition", "timeout", .. ContextParameters.All.Select(parameter => parameter.Name)];

    private static readonly ImmutableArray<ErrorCode> s_waitErrors = [ErrorCode.MissingParam, ErrorCode.InvalidCel, ErrorCode.CelLimitExceeded, ErrorCode.ViewNotFound, ErrorCode.ActionNotFound];

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/context", Name = "readContext", Group = "Reading",
            Summary = "Read the room: state, views, agents, actions, messages",
            Description = "Nothing is cut silently: `_context.elided` names what is missing and `_context._expand` the query that gets it.",
            Query = ContextParameters.All, Answer = "Context", IsTagged = true,
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
                new("timeout", "integer", "Milliseconds, 25000 when left out; at most 600000, more is capped and the answer says so (`capped_to_ms`). No byte is sent before the end: a proxy in between must allow as much."),
                .. ContextParameters.All,
            ],
            Answer = "Waited", Parks = true,
            Errors = s_waitErrors,
            Handle = call => WaitAsync(call, call.Queries()),
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/wait", Name = "waitFor", Group = "Reading",
            Summary = "Block until a condition is true, or time runs out; everything in the body",
            Body = "Wait", Answer = "Waited",
            Errors = s_waitErrors,
            Handle = WaitByBodyAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/poll", Name = "poll", Group = "Reading",
            Summary = "Everything a dashboard shows, in one bundle",
            Query =
            [
                new("messages", "string", "`unread`: only those that your agent has not read; `false`: none."),
                new("messages_limit", "integer", $"At most so many messages ({CountBound.Poll})."),
                new("audit_limit", "integer", $"At most so many events ({CountBound.Poll})."),
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
        && ContextParameters.Read(body.EnumerateObject().Select(static member => KeyValuePair.Create(member.Name, member.Value))).Try(out var parameters, out error)
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
                if (!WaitTime.Read(value).Try(out timeout, out var refusal))
                {
                    return refusal;
                }
            }
        }

        if (!ContextShape.Parse(parameters, "condition", "timeout").Try(out var shape, out var error))
        {
            return error;
        }

        return (await ShutdownToken.ParkedAsync(call, ending => call.Engine.Waits.WaitAsync(call.Caller, call.Room, condition ?? "", timeout, shape, ending))).Try(out var json, out error)
            ? ApiAnswer.Of(json)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> PollAsync(ApiCall call) =>
        call.Count("messages_limit", CountBound.Poll).Try(out var messages, out var error)
        && call.Count("audit_limit", CountBound.Poll).Try(out var audit, out error)
        && ContextShape.Parse(call.Query("messages") is { } asked ? [new("messages", asked)] : []).Try(out var shape, out error)
        && (await call.Engine.Context.PollAsync(call.Caller, call.Room, shape.Messages, messages, audit, call.Aborted)).Try(out var json, out error)
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
}
